"""A car and its depot over TLS: enrolling, renewing, wrong clocks, cars that were off, cars that are denied."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from patrol_anpr.commands.depot import make_depot
from patrol_anpr.commands.enrol import enrol_car
from patrol_anpr.depot import DepotServer, new_code, revoke_car
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.tables import audit
from patrol_anpr.depot_link import Link, enrolling
from patrol_anpr.depot_link.enrolling import introduction
from patrol_anpr.domain.errors import BadInput, DepotFault, RecordsFault
from patrol_anpr.identity import trust
from patrol_anpr.identity.own import FILE, Identity
from patrol_anpr.lab.enrolled import SECRET, enrolled
from patrol_anpr.records.keys import Key
from patrol_anpr.settings import Settings
from tests.conftest import FakeClock
from tests.depot_link.conftest import OneCar, audit_item

KEY = Key(bytes(32))
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
DAY = timedelta(days=1)


@contextmanager
def serving(folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[DepotServer]:
    server = DepotServer(folder, certificate=DepotKeys(folder).server_certificate(["127.0.0.1"]), now=now)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def settings_in(folder: Path, **depot: str) -> Settings:
    return Settings.model_validate({"records": {"folder": folder / "records"}, "depot": depot})


def actions(folder: Path) -> list[str]:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return list(connection.execute(select(audit.c.action).order_by(audit.c.number)).scalars())


def made_by_a_force() -> bytes:
    """An authority for the depot alone, under a root: its key, its certificate, the root's."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Root", "Depot")]
    now, made = datetime.now(UTC), []
    for name, key, below in zip(names, keys, (1, 0), strict=True):
        builder = x509.CertificateBuilder(names[0], name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - DAY).not_valid_after(now + 1000 * DAY)
        usage = dict.fromkeys(USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        for extension, critical in (
            (x509.BasicConstraints(ca=True, path_length=below), True),
            (x509.KeyUsage(**usage), True),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), False),
        ):
            builder = builder.add_extension(extension, critical)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(Encoding.PEM))
    return keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made[1] + made[0]


# Enrolling


def test_a_typed_code_is_all_a_computer_needs(depot_folder: Path, tmp_path: Path):
    code, _ = new_code(depot_folder, "TA14", datetime.now(UTC))
    with serving(depot_folder) as depot:
        made = enrol_car(settings_in(tmp_path), f"{depot.url}/", str(code).lower().replace("-", " "), key=KEY)
    read = Identity.read(tmp_path / "identity", KEY.derived("identity"))
    keys = DepotKeys(depot_folder)
    assert read is not None
    assert (read.car_id, read.trust) == (made.car_id, made.trust)
    assert read.trust.address == depot.url
    assert (read.trust.depot_id, read.trust.ca) == (keys.depot_id, keys.authority.pem)
    assert (read.trust.receipt_key, read.trust.sealing_key) == (keys.receipt_key, keys.sealing_key)
    assert [path for path in (tmp_path / "identity").rglob("*") if path.stat().st_mode & 0o077] == []
    assert b"PRIVATE KEY" in (tmp_path / "identity" / FILE).read_bytes()
    assert b"ENCRYPTED" in (tmp_path / "identity" / FILE).read_bytes(), "who copies the folder has no key"


def test_who_poses_as_the_depot_never_hears_the_code(depot_folder: Path, tmp_path: Path):
    code, _ = new_code(depot_folder, "TA14", datetime.now(UTC))
    impostor = tmp_path / "impostor"
    new_code(impostor, "TA14", datetime.now(UTC))
    with serving(impostor) as depot, pytest.raises(DepotFault, match="not the depot that made the code"):
        enrol_car(settings_in(tmp_path), depot.url, str(code), key=KEY)
    assert actions(impostor) == ["enrolment code made"], "nothing was tried there"
    assert not (tmp_path / "identity").exists()


def test_who_answers_a_byte_at_a_time_holds_no_enrolment_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enrolling, "_SECONDS", 0.3)
    cut = threading.Event()

    def dribble() -> None:
        line, _ = listener.accept()
        pause = threading.Event()
        with line:
            try:
                line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(200):
                    line.sendall(b"x")
                    pause.wait(0.02)
            except OSError:
                cut.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=dribble)
        server.start()
        with pytest.raises(DepotFault, match="cannot be reached"):
            introduction(f"http://127.0.0.1:{listener.getsockname()[1]}", "0" * 20, "")
        server.join()
    assert cut.is_set()


def test_each_code_that_cannot_be_used_is_a_sentence(depot_folder: Path, tmp_path: Path):
    now = datetime.now(UTC)
    with serving(depot_folder) as depot:

        def said(typed: object) -> str:
            with pytest.raises((BadInput, DepotFault)) as caught:
                enrol_car(settings_in(tmp_path), depot.url, str(typed), key=KEY)
            return str(caught.value)

        old, _ = new_code(depot_folder, "TA14", now - timedelta(minutes=61))
        assert "out of date" in said(old)
        code, _ = new_code(depot_folder, "TA14", now)
        wrong = str(code)[:5] + "0000" + str(code)[9:]
        assert "knows no such code" in said(wrong)
        assert "nine groups" in said(str(code)[:-1])
        enrol_car(settings_in(tmp_path), depot.url, str(code), key=KEY)
        assert "used before" in said(code)


def test_settings_that_name_another_car_are_told(depot_folder: Path, tmp_path: Path):
    code, _ = new_code(depot_folder, "TA14", datetime.now(UTC))
    with serving(depot_folder) as depot, pytest.raises(BadInput, match=r"Take depot\.car out"):
        enrol_car(settings_in(tmp_path, car="TB20"), depot.url, str(code), key=KEY)


def test_an_address_that_others_can_listen_to_is_refused(tmp_path: Path, depot_folder: Path):
    code, _ = new_code(depot_folder, "TA14", datetime.now(UTC))
    with pytest.raises(BadInput, match="https"):
        enrol_car(settings_in(tmp_path), "http://depot.example:8443", str(code), key=KEY)


def test_what_is_damaged_or_anothers_says_what_to_do(depot_folder: Path, tmp_path: Path):
    enrolled(depot_folder, tmp_path / "identity")
    with pytest.raises(RecordsFault, match="enrol the car again"):
        Identity.read(tmp_path / "identity", bytes(32))
    (tmp_path / "identity" / FILE).write_bytes(b"")
    with pytest.raises(RecordsFault, match="enrol the car again"):
        Identity.read(tmp_path / "identity", SECRET)


def test_an_authority_that_the_force_made_takes_the_place_of_the_depots_own(
    car: OneCar, tmp_path: Path, clock: FakeClock, make_link
):
    file = tmp_path / "authority.pem"
    file.write_bytes(made_by_a_force())
    depot_folder, car.outbox.items = tmp_path / "theirs", {"audit-1": audit_item(1)}
    make_depot(depot_folder, authority=file)
    assert DepotKeys(depot_folder).authority.chain.count(b"BEGIN CERTIFICATE") == 2
    code, _ = new_code(depot_folder, "TA14", datetime.now(UTC))
    with serving(depot_folder) as depot:
        identity = enrol_car(settings_in(tmp_path), depot.url, str(code), key=KEY)
        assert make_link(depot.url, identity).upload(car.steps.append) == 0


# Renewing


@pytest.mark.parametrize(("later", "renewals"), [(0.9, 0), (1.1, 1), (2.9, 1), (3.1, 1), (10, 1), (90, 1)])
def test_a_certificate_is_renewed_in_time_and_also_late(
    car: OneCar, depot_folder: Path, tmp_path: Path, clock: FakeClock, make_link, later: float, renewals: int
):
    identity = enrolled(depot_folder, tmp_path / "own", now=clock.utc())
    before = identity.ends
    clock.now += later * DAY
    car.outbox.items = {"audit-1": audit_item(1)}
    with serving(depot_folder, clock.utc) as depot:
        link: Link = make_link(depot.url, identity)
        assert link.upload(car.steps.append) == 0
        assert link.upload(car.steps.append) == 0
    assert actions(depot_folder).count("certificate renewed") == renewals
    kept = Identity.read(tmp_path / "own", SECRET)
    assert kept is not None
    assert (kept.ends > before) == bool(renewals)
    assert kept.ends == identity.ends


def test_after_ninety_days_the_car_says_who_must_help(
    car: OneCar, depot_folder: Path, tmp_path: Path, clock: FakeClock, make_link
):
    identity = enrolled(depot_folder, tmp_path / "own", now=clock.utc())
    clock.now += 94 * DAY
    car.outbox.items = {"audit-1": audit_item(1)}
    with serving(depot_folder, clock.utc) as depot, pytest.raises(DepotFault, match="new code at the depot"):
        make_link(depot.url, identity).upload(car.steps.append)
    assert car.outbox.waiting() == 1
    assert "Nothing is lost" in car.problem


@pytest.mark.parametrize("year", [1970, 2040])
def test_a_dead_clock_keeps_no_car_from_its_depot(
    car: OneCar, depot_folder: Path, tmp_path: Path, clock: FakeClock, make_link, year: int
):
    identity = enrolled(depot_folder, tmp_path / "own")
    clock.now = datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)
    car.outbox.items = {"audit-1": audit_item(1)}
    with serving(depot_folder) as depot:
        assert make_link(depot.url, identity).upload(car.steps.append) == 0
    assert car.waits == [], "it asks again at once"


def test_a_denied_car_keeps_all_and_is_told(
    car: OneCar, depot_folder: Path, tmp_path: Path, clock: FakeClock, make_link
):
    identity = enrolled(depot_folder, tmp_path / "own", now=clock.utc())
    with serving(depot_folder, clock.utc) as depot:
        link = make_link(depot.url, identity)
        assert link.upload(car.steps.append) == 0
        car.outbox.items = {"audit-1": audit_item(1)}
        revoke_car(depot_folder, "TA14", clock.utc())
        with pytest.raises(DepotFault, match="does not allow this car"):
            link.upload(car.steps.append)
        assert car.outbox.waiting() == 1
        again = enrolled(depot_folder, tmp_path / "own", now=clock.utc())
        assert make_link(depot.url, again).upload(car.steps.append) == 0, "enrolled again, all goes"


def test_trust_is_in_one_place(depot_folder: Path, tmp_path: Path):
    identity = enrolled(depot_folder, tmp_path / "own")
    assert trust.read(tmp_path / "own") == identity.trust
