"""The depot's keys: made once, for their owner alone, and the same ever after."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.public import PublicKey, SealedBox

from patrol_anpr.commands.depot import make_depot
from patrol_anpr.depot.keys import FOLDER, DepotKeys
from patrol_anpr.domain.errors import RecordsFault

KEYS = ("depot.id", "receipts.pem", "sealing.key", "storage.key", "staff.key", "authority.pem")


ROLES = ("root", "targets", "snapshot", "timestamp")


def test_init_makes_them_for_their_owner_alone_and_they_stay(tmp_path: Path) -> None:
    make_depot(tmp_path / "depot", [], None)
    keys = tmp_path / "depot" / FOLDER
    names = {file.name for file in keys.iterdir()}
    of_lists = {name for name in names if name.startswith("lists-")}
    assert {name.rpartition("-")[0] for name in of_lists} == {f"lists-{role}" for role in ROLES}
    assert (len(of_lists), names - of_lists) == (4, {*KEYS, "server.pem"})
    assert [file for file in (keys, *keys.iterdir()) if file.stat().st_mode & 0o077] == []
    before = {file: file.read_bytes() for file in keys.iterdir()}
    one, two = DepotKeys(tmp_path / "depot"), DepotKeys(tmp_path / "depot")
    assert (one.depot_id, one.receipt_key, one.sealing_key) == (two.depot_id, two.receipt_key, two.sealing_key)
    assert {file: file.read_bytes() for file in keys.iterdir()} == before


def test_their_public_halves_do_what_a_car_does_with_them(tmp_path: Path) -> None:
    keys = DepotKeys(tmp_path)
    Ed25519PublicKey.from_public_bytes(keys.receipt_key).verify(keys.receipts.sign(b"receipt"), b"receipt")
    assert SealedBox(keys.sealing).decrypt(SealedBox(PublicKey(keys.sealing_key)).encrypt(b"secret")) == b"secret"


def test_the_authority_vouches_for_the_depot_by_each_of_its_names(tmp_path: Path) -> None:
    keys = DepotKeys(tmp_path)
    first = keys.server_certificate(["localhost", "127.0.0.1"])
    had = first.read_bytes()
    assert keys.server_certificate(["127.0.0.1"]).read_bytes() == had
    keys.server_certificate(["depot.example", "::1"])
    assert keys.authority.names_in(first.read_bytes()) == ["localhost", "127.0.0.1", "depot.example", "::1"]
    client = ssl.create_default_context(cadata=keys.authority.pem.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(first)
    for name in ("localhost", "127.0.0.1", "depot.example"):
        _shake_hands(client, server, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _shake_hands(client, server, "elsewhere.example")


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    ends = [asking, answering]
    for _ in range(10):
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass
        if not ends:
            return
    raise AssertionError("the handshake did not end")


@pytest.mark.parametrize("name", KEYS)
def test_a_damaged_key_is_refused_and_never_made_anew(tmp_path: Path, name: str) -> None:
    DepotKeys(tmp_path)
    file = tmp_path / FOLDER / name
    file.write_bytes(b"damage")
    with pytest.raises(RecordsFault, match="put the folder back from a copy"):
        DepotKeys(tmp_path)
    assert file.read_bytes() == b"damage"


def test_keys_that_others_may_look_at_are_not_used(tmp_path: Path) -> None:
    DepotKeys(tmp_path)
    (tmp_path / FOLDER).chmod(0o755)
    with pytest.raises(RecordsFault, match="Others on this machine"):
        DepotKeys(tmp_path)
