"""What cars have signed of themselves, kept by the service and read by the commands, on both databases."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from patrol_anpr.depot.certificates import CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.fleet.camera_days import MOST_CAMERAS, add_coverage, days_of, last_days
from patrol_anpr.depot.fleet.gathering import fleet_of
from patrol_anpr.depot.fleet.health import CameraDay, Level
from patrol_anpr.depot.fleet.standing import cars_of
from patrol_anpr.depot.ingest import Ingest
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.manifests import keep_manifest
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.depot.roles import Role
from patrol_anpr.domain.coverage import Blind
from patrol_anpr.identity.own import FILE, Identity
from patrol_anpr.lab.invented_month import invent_month
from patrol_anpr.wire.manifest import CarManifest, ManifestReport
from patrol_anpr.wire.outbox import OutboxItem
from patrol_anpr.wire.pack import Pack, read_pack
from patrol_anpr.wire.payloads import CoveragePayload, CoverageRow, canonical_json, payload_of
from tests.depot.postgresql import on_both

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


@on_both
def test_the_service_keeps_them_and_the_commands_read_them(folder: Path, identity: Identity, tmp_path: Path) -> None:
    (pem,) = x509.load_pem_x509_certificates((tmp_path / "identity" / FILE).read_bytes())
    car = CarCertificates(DepotKeys(folder).authority).read(pem.public_bytes(Encoding.DER))
    depot_id = identity.trust.depot_id
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        for software in ("1", "2", "2"):
            said = CarManifest(
                software=software, system="L", records_version=1, depot_id=depot_id, car_id=car.car_id, at=NOW
            )
            text = canonical_json(said)
            report = ManifestReport(manifest=text.decode(), signature=identity.signature_of(text).hex())
            with database.writing() as connection:
                assert keep_manifest(connection, car, report, depot_id, NOW)
    (standing,) = cars_of(folder)
    assert [one.manifest.software for one in standing.said if one.manifest] == ["2", "1"]
    (newest,) = cars_of(folder, ())
    assert newest.said == standing.said[:1]
    assert (standing.doubted, standing.refused, standing.revoked) == (0, 0, None)


def coverage(coverage_id: str, *rows: tuple[str, int, float]) -> OutboxItem:
    """Minutes of cameras: name, minute of the day before NOW's, seconds of it that were lost."""
    minutes = tuple(
        CoverageRow(
            camera_id=camera,
            minute=NOW.replace(hour=0, minute=0) - timedelta(days=1) + timedelta(minutes=minute),
            shift_id="s1",
            seconds=60.0,
            blind={Blind.LOST: lost} if lost else {},
        )
        for camera, minute, lost in rows
    )
    return OutboxItem.of(f"coverage:{coverage_id}", CoveragePayload(coverage_id=coverage_id, minutes=minutes))


@on_both
def test_what_cameras_could_see_is_counted_once_by_day(folder: Path, identity: Identity) -> None:
    first = coverage("c1", ("front", 1439, 0.0), ("rear", 1439, 60.0), ("front", 1440, 15.0))
    packs = [Pack.of("TA14", [first]), Pack.of("TA14", [first, coverage("c2", ("rear", 1438, 60.0))])]
    with closing(DepotDatabase(folder, Role.INGEST)) as database:
        for pack in packs:
            Ingest(database, pictures_in(folder, database), 2**20).take(
                "TA14", read_pack(pack.piece(0, pack.size)), NOW
            )
    with closing(DepotDatabase(folder)) as database, database.reading() as connection:
        today, yesterday = NOW.date(), NOW.date() - timedelta(days=1)
        assert days_of(connection, "TA14") == [
            CameraDay("front", today, 60.0, 15.0, Blind.LOST),
            CameraDay("front", yesterday, 60.0, 0.0),
            CameraDay("rear", yesterday, 120.0, 120.0, Blind.LOST),
        ]
        assert [day.day for day in last_days(connection)["TA14"]] == [today, yesterday]


def test_days_go_after_a_month_and_a_car_cannot_fill_the_table(folder: Path, identity: Identity) -> None:
    def told(minutes: CoveragePayload, now: datetime) -> list[CameraDay]:
        with closing(DepotDatabase(folder)) as database, database.writing() as connection:
            add_coverage(connection, "TA14", [minutes], now)
            return list(days_of(connection, "TA14"))

    many = coverage("c1", *((f"camera {number}", 0, 0.0) for number in range(MOST_CAMERAS + 5)))
    assert len(told(payload_of(many.kind, many.payload), NOW)) == MOST_CAMERAS
    assert len(told(payload_of(many.kind, many.payload), NOW + timedelta(days=60))) == MOST_CAMERAS  # nothing to count
    later = NOW + timedelta(days=40)
    row = CoverageRow(camera_id="front", minute=later, shift_id="s1", seconds=60.0)
    assert told(CoveragePayload(coverage_id="c3", minutes=(row,)), later) == [CameraDay("front", later.date(), 60.0, 0)]


def test_the_invented_fleet_is_judged_as_it_is(tmp_path: Path) -> None:
    now = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    invent_month(tmp_path / "depot", now, small=True)
    cars = {car.standing.car_id: car.health for car in fleet_of(tmp_path / "depot", now)}
    assert any("Camera rear was blind for" in one.sentence for one in cars["NT2"].concerns)
    assert cars["NT2"].level is Level.ACT
    later = fleet_of(tmp_path / "depot", now + timedelta(days=9))
    assert all("Not heard since" in car.health.concerns[0].sentence for car in later)
