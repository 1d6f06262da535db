"""What cars have signed of themselves, kept by the service and read by the commands, on both databases."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from patrol_anpr.depot.certificates import CarCertificates
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.fleet import cars_of
from patrol_anpr.depot.keys import DepotKeys
from patrol_anpr.depot.manifests import keep_manifest
from patrol_anpr.depot.roles import Role
from patrol_anpr.identity.own import FILE, Identity
from patrol_anpr.wire.manifest import CarManifest, ManifestReport
from patrol_anpr.wire.payloads import canonical_json
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
    assert (standing.doubted, standing.refused, standing.revoked) == (0, 0, None)
