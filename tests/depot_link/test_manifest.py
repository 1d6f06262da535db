"""The car's manifest over real HTTP: what it signs is what the depot keeps and shows, and nobody signs for another."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select, update

from patrol_anpr.commands.depot_cars import show_cars
from patrol_anpr.depot import DepotServer, manifests, new_code, revoke_car
from patrol_anpr.depot.certificates import CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.fleet.standing import cars_of
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.lists.publishing import import_hotlist
from patrol_anpr.depot.manifests import keep_manifest
from patrol_anpr.depot.tables import car_manifests
from patrol_anpr.depot_link import Link
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.hotlist import Hotlist, Tier
from patrol_anpr.identity.own import FILE, Identity
from patrol_anpr.lab.enrolled import enrolled
from patrol_anpr.lab.memory_outbox import MemoryOutbox
from patrol_anpr.wire.manifest import CarManifest, ManifestReport, RunModel, Running
from patrol_anpr.wire.payloads import canonical_json, sha256_of
from tests.conftest import FakeClock
from tests.depot_link.conftest import AT, OneCar, audit_item
from tests.integration.cars import hotlist_lines, write_csv

DETECTOR = RunModel(role="detector", version="5", sha256="d" * 64)
RUNS = Running(software="patrol-anpr 9.8", system="Linux-6", records_version=4, models=(DETECTOR,))


def publish(folder: Path) -> None:
    file = write_csv(folder.parent / "list.csv", hotlist_lines(["TX64KZW"]))
    import_hotlist(folder, file, "stolen", "Stolen vehicles", "Test force", Tier.PRIORITY)


def newest(folder: Path, car_id: str = "TA14") -> CarManifest:
    (standing,) = [one for one in cars_of(folder) if one.car_id == car_id]
    said = standing.said[0].manifest
    assert said is not None
    return said


def kept(folder: Path) -> int:
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(car_manifests)).scalar_one())


def report_of(identity: Identity, clock: FakeClock, **wishes: object) -> ManifestReport:
    said = {**dict(RUNS), "depot_id": identity.trust.depot_id, "car_id": "TA14", "at": clock.utc()} | wishes
    text = canonical_json(CarManifest.model_validate(said))
    return ManifestReport(manifest=text.decode(), signature=identity.signature_of(text).hex())


@pytest.fixture
def runs() -> list[Running]:
    """What runs; a test may put another in its place."""
    return [RUNS]


@pytest.fixture
def link(make_link: Callable[..., Link], depot: DepotServer, runs: list[Running]) -> Link:
    return make_link(depot.url, running=lambda: runs[0])


def test_a_sync_tells_what_runs_and_which_lists_are_in_force(
    link: Link, car: OneCar, depot_folder: Path, identity: Identity, clock: FakeClock
) -> None:
    publish(depot_folder)
    own = Hotlist("own-ta14", "This car", "TA14", 1, Tier.PRIORITY, AT)
    loaded_by_hand = Hotlist("borrowed", "Borrowed", "Test force", 7, Tier.ROUTINE, AT)
    car.lists |= {"own-ta14": (own, b""), "borrowed": (loaded_by_hand, b"")}
    link.download(car.steps.append)
    said = newest(depot_folder)
    assert Running.model_validate(said.model_dump()) == RUNS
    assert (said.car_id, said.depot_id, said.at) == ("TA14", identity.trust.depot_id, clock.utc())
    assert said.lists_root == sha256_of(identity.trust.lists_root)
    lists = {one.list_id: (one.revision, one.sha256) for one in said.lists}
    assert lists == {"stolen": (1, lists["stolen"][1]), "borrowed": (7, None)}, "the officers' own entries are not told"
    assert lists["stolen"][1] is not None
    (standing,) = cars_of(depot_folder)
    assert standing.said[0].certificate_ends == identity.ends


@pytest.mark.parametrize("way", ["upload", "quietly"])
def test_an_upload_tells_it_too(
    make_link: Callable[..., Link], depot: DepotServer, car: OneCar, depot_folder: Path, way: str
) -> None:
    car.outbox = MemoryOutbox([audit_item(1)])
    link = make_link(depot.url, running=lambda: RUNS)
    link.download(car.steps.append)
    assert newest(depot_folder).waiting == 1
    if way == "upload":
        link.upload(car.steps.append)
    else:
        link.upload_quietly(lambda: False)
    assert newest(depot_folder).software == RUNS.software
    assert newest(depot_folder).waiting == 0
    (standing,) = cars_of(depot_folder)
    assert len(standing.said) == 1, "how much waits is new each time, and no history"


def test_what_says_the_same_takes_no_room_and_what_changed_is_history(
    link: Link, car: OneCar, depot_folder: Path, clock: FakeClock, runs: list[Running]
) -> None:
    for _ in range(3):
        link.download(car.steps.append)
        clock.advance(600)
    runs[0] = RUNS.model_copy(update={"software": "patrol-anpr 9.9"})
    link.download(car.steps.append)
    (standing,) = cars_of(depot_folder)
    after, before = standing.said
    assert (after.manifest, before.manifest) != (None, None)
    assert [one.manifest.software for one in standing.said if one.manifest] == ["patrol-anpr 9.9", "patrol-anpr 9.8"]
    assert before.last - before.first == timedelta(seconds=1200)
    assert after.first == after.last == clock.utc()


@pytest.fixture
def taken(depot_folder: Path, identity: Identity, tmp_path: Path, clock: FakeClock) -> Callable[..., bool]:
    """What the depot's route does with a report of the car."""
    pem = x509.load_pem_x509_certificates((tmp_path / "identity" / FILE).read_bytes())
    shown = CarCertificates(DepotKeys(depot_folder).authority).read(pem[0].public_bytes(Encoding.DER))

    def take(*reports: ManifestReport) -> bool:
        with closing(DepotDatabase(depot_folder)) as database, database.writing() as connection:
            return all(
                keep_manifest(connection, shown, report, identity.trust.depot_id, clock.utc()) for report in reports
            )

    return take


def test_only_so_many_are_kept(
    taken, depot_folder: Path, identity: Identity, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "MOST_KEPT", 4)
    assert taken(*(report_of(identity, clock, records_version=number) for number in range(7)))
    assert kept(depot_folder) == 4
    assert newest(depot_folder).records_version == 6


def test_nobody_signs_for_another_car_or_another_depot(
    taken, depot_folder: Path, identity: Identity, tmp_path: Path, clock: FakeClock
) -> None:
    other = enrolled(depot_folder, tmp_path / "other", "TA15", now=clock.utc())
    whole = report_of(identity, clock)
    for forged in (
        report_of(other, clock),
        report_of(identity, clock, car_id="TA15"),
        report_of(identity, clock, depot_id="another depot"),
        whole.model_copy(update={"manifest": whole.manifest.replace("9.8", "9.9")}),
        whole.model_copy(update={"signature": "00" * 70}),
        ManifestReport(manifest="{}", signature=identity.signature_of(b"{}").hex()),
    ):
        assert not taken(forged)
    assert kept(depot_folder) == 0
    assert taken(whole)


def test_what_a_newer_car_says_more_is_kept_with_its_signature(
    taken, depot_folder: Path, identity: Identity, clock: FakeClock
) -> None:
    text = json.dumps(json.loads(report_of(identity, clock).manifest) | {"seats": 5})
    assert taken(ManifestReport(manifest=text, signature=identity.signature_of(text.encode()).hex()))
    assert newest(depot_folder).software == RUNS.software


def test_a_car_that_does_not_sign_right_keeps_its_lists_all_the_same(
    link: Link, car: OneCar, depot_folder: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(depot_folder)
    monkeypatch.setattr(identity, "signature_of", lambda _: b"\0" * 70)
    link.download(car.steps.append)
    assert ("stolen" in car.lists, kept(depot_folder)) == (True, 0)


def test_a_depot_that_takes_none_stops_no_sync(
    make_link: Callable[..., Link], depot: DepotServer, depot_folder: Path, car: OneCar, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(depot_folder)
    monkeypatch.setattr("patrol_anpr.depot_link.manifest.MANIFEST", "no-such-route")
    make_link(depot.url, running=lambda: RUNS).download(car.steps.append)
    assert ("stolen" in car.lists, kept(depot_folder)) == (True, 0)
    assert "roster" in car.problem, "the one thing that this depot lacks"


def test_cars_shows_each_car(
    link: Link,
    car: OneCar,
    depot_folder: Path,
    tmp_path: Path,
    clock: FakeClock,
    runs: list[Running],
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish(depot_folder)
    link.download(car.steps.append)
    first = clock.utc()
    clock.advance(600)
    runs[0] = RUNS.model_copy(update={"software": "patrol-anpr 9.9"})
    link.download(car.steps.append)
    new_code(depot_folder, "TA20", clock.utc())
    enrolled(depot_folder, tmp_path / "gone", "TA21", now=clock.utc())
    revoke_car(depot_folder, "TA21", clock.utc())
    assert show_cars(depot_folder, "", clock.utc()) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split()[0] == "car"
    (line,) = [one for one in shown if "  TA14  " in one]
    assert f"{clock.utc():%Y-%m-%d %H:%M}" in line
    assert line.endswith("patrol-anpr 9.9")
    assert "    models: detector 5 (dddddddd)" in shown
    assert any("stolen revision 1, " in one for one in shown)
    assert any("  TA20  " in one and "code unused" in one for one in shown)
    assert any("Refused since" in one for one in shown)
    assert "9.8" not in "".join(shown)
    show_cars(depot_folder, "TA14", clock.utc())
    history = capsys.readouterr().out
    assert f"{first:%Y-%m-%d %H:%M} to" in history
    assert "9.8" in history
    with pytest.raises(BadInput, match="no car of that id"):
        show_cars(depot_folder, "TA99")


@pytest.mark.parametrize(
    ("reading", "said"),
    [("good", None), ("warn", "LOOK: Not all that should read could be opened."), ("bad", "ACT: It reads no plates.")],
)
def test_a_car_that_does_not_read_as_it_should_stands_out(
    taken, depot_folder: Path, identity: Identity, clock: FakeClock, capsys, reading: str, said: str | None
) -> None:
    assert taken(report_of(identity, clock, reading=reading))
    show_cars(depot_folder, "", clock.utc())
    about = [one for one in capsys.readouterr().out.splitlines() if "read" in one and "last heard" not in one]
    assert about == [] if said is None else [f"    {said}" in one for one in about] == [True]


def test_what_was_changed_at_the_depot_is_not_believed(
    link: Link, car: OneCar, depot_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link.download(car.steps.append)
    with closing(DepotDatabase(depot_folder)) as database, database.writing() as connection:
        text = connection.execute(select(car_manifests.c.manifest)).scalar_one()
        connection.execute(update(car_manifests).values(manifest=text.replace("9.8", "9.9")))
    show_cars(depot_folder, "")
    shown = capsys.readouterr().out
    assert "not what the car signed" in shown
    assert "9.9" not in shown


def test_what_another_computer_said_before_is_not_taken_for_this_one(
    link: Link, car: OneCar, depot_folder: Path, tmp_path: Path, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    link.download(car.steps.append)
    enrolled(depot_folder, tmp_path / "new computer", now=clock.utc())
    show_cars(depot_folder, "")
    assert "has not said yet what it runs" in capsys.readouterr().out
