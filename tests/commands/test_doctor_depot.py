"""What `doctor` says of the depot: whether the car is enrolled, as whom, until when, and what opens its key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.commands import doctor
from patrol_anpr.commands.finding import Finding
from patrol_anpr.domain.health import LampState
from patrol_anpr.enrolment import identity_folder, identity_secret
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.settings import Settings


@pytest.fixture(autouse=True)
def no_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def found(folder: Path, **depot: str) -> list[Finding]:
    settings = Settings.model_validate({"records": {"folder": folder / "records"}, "depot": depot})
    return list(doctor._guarded("depot", doctor._depot, settings))


def enrol(folder: Path, *, days_ago: float = 0) -> None:
    settings = Settings.model_validate({"records": {"folder": folder / "records"}})
    when, secret = datetime.now(UTC) - timedelta(days=days_ago), identity_secret(settings)
    enrolled(folder / "depot", identity_folder(settings), now=when, secret=secret)


def test_a_car_that_is_not_enrolled_is_told_how(tmp_path: Path) -> None:
    [one] = found(tmp_path)
    assert (one.state, "patrol-anpr enrol" in one.advice) == (LampState.WARN, True)
    [one] = found(tmp_path, url="https://depot.example:8443")
    assert one.state is LampState.BAD


def test_an_enrolled_car_says_as_whom_and_until_when(tmp_path: Path) -> None:
    enrol(tmp_path)
    depot, certificate = found(tmp_path, url="https://depot.example:8443")
    assert (depot.state, certificate.state) == (LampState.GOOD, LampState.GOOD)
    assert "enrolled as TA14 at https://depot.example:8443, depot " in depot.found
    assert "valid until 20" in certificate.found
    assert "the records' key file opens it" in certificate.found


def test_a_certificate_out_of_date_is_told(tmp_path: Path) -> None:
    enrol(tmp_path, days_ago=5)
    _, certificate = found(tmp_path)
    assert (certificate.state, "renews it" in certificate.advice) == (LampState.WARN, True)


def test_settings_that_name_another_car_are_told(tmp_path: Path) -> None:
    enrol(tmp_path)
    [one] = found(tmp_path, car="TB20")
    assert (one.state, "depot.car" in one.found) == (LampState.BAD, True)


def test_an_identity_of_another_key_says_what_to_do(tmp_path: Path) -> None:
    enrol(tmp_path)
    for file in (tmp_path / "records").glob("*.key"):
        file.unlink()
    [one] = found(tmp_path)
    assert (one.state, "enrol the car again" in one.found) == (LampState.BAD, True)
