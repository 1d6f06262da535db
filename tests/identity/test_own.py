"""Who a car is, while it changes: what it shows and what it signs with belong together."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from patrol_anpr.depot.authority import Authority, made_authority
from patrol_anpr.depot.certificates import issue
from patrol_anpr.identity.own import CarKey, Identity
from patrol_anpr.identity.trust import Trust
from patrol_anpr.wire.signatures import CLIENT_CERT, certificate_of

NOW = datetime.now(UTC)


def test_a_request_that_is_signed_while_the_certificate_is_renewed_is_whole(tmp_path: Path) -> None:
    authority, key = Authority.of_pem(made_authority("depot")), CarKey()
    first, second = (issue(authority, "TA14", key.private.public_key(), NOW + timedelta(days=n)) for n in (0, 1))
    trust = Trust("depot", authority.pem, bytes(32), bytes(32))
    identity = Identity.enrolled(tmp_path / "identity", bytes(32), key, first, trust)
    before = identity.ends

    class Renewing(dict[str, str]):
        """Headers of a request: another thread renews the certificate as they are filled."""

        def __setitem__(self, name: str, value: str) -> None:
            super().__setitem__(name, value)
            if name == CLIENT_CERT:
                identity.renewed(second)

    headers = Renewing()
    identity.sign(SimpleNamespace(method="GET", url="https://depot/v2/roster", headers=headers), None, NOW)
    assert identity.ends > before
    shown = hashlib.sha256(certificate_of(headers[CLIENT_CERT])).hexdigest()
    signed_as = re.search('keyid="([0-9a-f]+)"', headers["Signature-Input"])
    assert signed_as is not None
    assert signed_as[1] == shown
