"""Codes: used once, within their hour, by who has the secret; whatever else is tried is audited."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from patrol_anpr.depot import new_code, revoke_car
from patrol_anpr.depot.cars import CODE_LASTS, TRIES, Enrolled, Enrolment, enrol, may_speak
from patrol_anpr.depot.certificates import LASTS, CarCertificate, CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.tables import audit, cars, enrolment_codes
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.identity.own import CarKey
from patrol_anpr.wire.enrolment import LETTERS, Code, EnrolRequest, fingerprint_of

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LATER = NOW + CODE_LASTS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DepotDatabase]:
    database = DepotDatabase(tmp_path)
    yield database
    database.close()


@pytest.fixture
def keys(tmp_path: Path) -> DepotKeys:
    return DepotKeys(tmp_path)


def tried(
    database: DepotDatabase, keys: DepotKeys, code: Code, key: CarKey, now: datetime = NOW, secret: str = ""
) -> Enrolled:
    asked = EnrolRequest(number=code.number, secret=secret or code.secret, request=key.request())
    return enrol(database, keys.authority, asked, now)


def seen(keys: DepotKeys, answer: Enrolled) -> CarCertificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
    return CarCertificates(keys.authority).read(certificate.public_bytes(Encoding.DER))


def audited(database: DepotDatabase) -> list[tuple[str, str, str]]:
    with database.reading() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.object_id, audit.c.reason).order_by(audit.c.number))
        return [tuple(row) for row in rows]


def test_a_code_makes_a_car_known_for_three_days(tmp_path, database, keys):
    code, had_key = new_code(tmp_path, "TA14", NOW)
    answer = tried(database, keys, code, CarKey(), LATER)
    car = seen(keys, answer)
    assert (had_key, answer.outcome, answer.car_id, car.car_id) == (False, Enrolment.DONE, "TA14", "TA14")
    assert car.begins <= LATER
    assert car.ends == LATER + LASTS == LATER + timedelta(hours=72)
    assert may_speak(database, car)
    assert audited(database) == [("enrolment code made", "TA14", ""), ("car enrolled", "TA14", "")]


def test_what_is_refused_is_audited_and_only_a_few_times(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    for _ in range(3 * TRIES):
        assert tried(database, keys, code, CarKey(), secret="0" * 12).outcome is Enrolment.WRONG
    assert tried(database, keys, code, CarKey()).outcome is Enrolment.WRONG, "too often, the right one counts no more"
    assert audited(database)[1:] == [("enrolment refused", "TA14", "wrong secret")] * TRIES


def test_a_code_is_used_once_by_one_key(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    first, second = CarKey(), CarKey()
    assert tried(database, keys, code, first).outcome is Enrolment.DONE
    assert tried(database, keys, code, second).outcome is Enrolment.SPENT
    again = tried(database, keys, code, first)
    assert again.outcome is Enrolment.DONE, "an answer that was lost is given again"
    assert may_speak(database, seen(keys, again))


def test_a_code_ends_after_an_hour_and_with_the_next_one(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    assert tried(database, keys, code, CarKey(), LATER + timedelta(seconds=1)).outcome is Enrolment.OVER
    new_code(tmp_path, "TA14", NOW)
    assert tried(database, keys, code, CarKey()).outcome is Enrolment.NO_SUCH_CODE


def test_enrolling_again_ends_the_key_before_and_warns_beforehand(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    old = seen(keys, tried(database, keys, code, CarKey()))
    code, had_key = new_code(tmp_path, "TA14", NOW)
    assert had_key
    assert may_speak(database, old), "until the code is used"
    new = seen(keys, tried(database, keys, code, CarKey()))
    assert (may_speak(database, old), may_speak(database, new)) == (False, True)
    assert audited(database)[-1] == ("car enrolled", "TA14", "in the place of another key, which is refused now")


def test_revoking_a_car_ends_its_open_code_too(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    revoke_car(tmp_path, "TA14", NOW)
    assert tried(database, keys, code, CarKey()).outcome is Enrolment.NO_SUCH_CODE


def test_only_a_p256_key_that_is_proven_is_taken(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    other = CarKey(ec.generate_private_key(ec.SECP384R1()))
    assert tried(database, keys, code, other).outcome is Enrolment.NO_REQUEST
    for request in ("", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"):
        asked = EnrolRequest(number=code.number, secret=code.secret, request=request)
        assert enrol(database, keys.authority, asked, NOW).outcome is Enrolment.NO_REQUEST
    assert tried(database, keys, code, CarKey()).outcome is Enrolment.DONE, "and the code is not spent by that"


def test_no_code_lies_on_the_disk(tmp_path, database, keys):
    code, _ = new_code(tmp_path, "TA14", NOW)
    tried(database, keys, code, CarKey())
    with database.reading() as connection:
        kept = [*connection.execute(select(cars)), *connection.execute(select(enrolment_codes))]
    assert code.secret not in repr(kept)
    assert [file for file in tmp_path.rglob("*") if file.is_file() and code.secret.encode() in file.read_bytes()] == []


def test_a_code_says_nothing_of_its_secret_where_it_is_shown_by_accident(keys):
    code = Code.new(keys.authority.der)
    assert code.secret not in repr(code)


@given(st.binary(min_size=1, max_size=50), st.lists(st.sampled_from(["-", " ", ""]), min_size=44, max_size=44))
def test_a_code_is_read_however_a_person_types_it(der: bytes, between: list[str]):
    code = Code.new(der)
    plain = str(code).replace("-", "")
    looks_like = {"1": "l", "0": "O"}
    typed = "".join(looks_like.get(letter, letter.lower()) + gap for letter, gap in zip(plain, between, strict=False))
    assert Code.read(typed) == code
    assert code.fingerprint == fingerprint_of(der)
    assert len(plain) == 36
    assert set(plain) <= set(LETTERS)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_a_known_error(typed: str):
    with suppress(BadInput):
        assert len(str(Code.read(typed))) == 44


def test_what_is_no_code_says_what_to_do():
    with pytest.raises(BadInput, match=r"nine groups.*Type it again"):
        Code.read("ABCD-EFGH")
