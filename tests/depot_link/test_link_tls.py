"""The depot proves who it is, or nothing is sent. There is no way around it."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

import patrol_anpr
from patrol_anpr.depot import DepotServer
from patrol_anpr.domain.errors import DepotFault
from tests.depot_link.conftest import audit_item

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._builder(self._name, self._key, NOW - DAY, NOW + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(ca=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def issue(self, host: str = "127.0.0.1", begin: datetime = NOW - DAY, end: datetime = NOW + DAY) -> dict[str, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "depot")])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            self._builder(name, key, begin, end)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        files = {"certificate": self._folder / "depot.pem", "key": self._folder / "depot.key"}
        files["certificate"].write_bytes(certificate.public_bytes(Encoding.PEM))
        files["key"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def _builder(self, name: x509.Name, key, begin: datetime, end: datetime) -> x509.CertificateBuilder:
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=begin,
            not_valid_after=end,
        )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@contextmanager
def serving(folder: Path, files: dict[str, Path]) -> Iterator[DepotServer]:
    server = DepotServer(folder, **files)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def test_a_depot_that_proves_itself_gets_the_records(car, depot_folder, identity, make_link, authority):
    car.outbox.items = {"audit-1": audit_item(1)}
    with serving(depot_folder, authority.issue()) as server:
        assert server.url.startswith("https://")
        assert make_link(server.url, identity, ca_file=str(authority.file)).upload(car.steps.append) == 0


WRONG: dict[str, tuple[Callable[[Authority], dict[str, Path]], str]] = {
    "another host": (lambda ours: ours.issue("127.0.0.2"), "[Tt]ell IT"),
    "expired": (lambda ours: ours.issue(begin=NOW - 3 * DAY, end=NOW - DAY), "Check the computer's clock"),
    "not yet valid": (lambda ours: ours.issue(begin=NOW + DAY, end=NOW + 3 * DAY), "Check the computer's clock"),
    "another authority": (lambda ours: Authority(ours.file.parent, "theirs").issue(), "[Tt]ell IT"),
}


@pytest.mark.parametrize(("issue", "advice"), WRONG.values(), ids=WRONG.keys())
def test_a_depot_that_cannot_prove_itself_gets_nothing(
    car, depot_folder, identity, make_link, authority, issue: Callable[[Authority], dict[str, Path]], advice: str
):
    car.outbox.items = {"audit-1": audit_item(1)}
    with (
        serving(depot_folder, issue(authority)) as server,
        pytest.raises(DepotFault, match=f"identity check failed.*{advice}"),
    ):
        make_link(server.url, identity, ca_file=str(authority.file)).upload(car.steps.append)
    assert car.outbox.waiting() == 1
    assert car.waits == []


def test_nobody_vouches_for_a_depot_but_whom_the_car_trusts(car, depot_folder, identity, make_link, authority):
    car.outbox.items = {"audit-1": audit_item(1)}
    with (
        serving(depot_folder, authority.issue()) as server,
        pytest.raises(DepotFault, match="identity check failed"),
    ):
        make_link(server.url, identity).upload(car.steps.append)
    assert car.outbox.waiting() == 1


def test_the_depot_speaks_tls_1_3_only(depot_folder, authority):
    with serving(depot_folder, authority.issue()) as server:
        old = ssl.create_default_context(cafile=str(authority.file))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        address = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        with socket.create_connection(address, 10) as line, pytest.raises(ssl.SSLError):
            old.wrap_socket(line, server_hostname="127.0.0.1")


def test_nothing_in_the_house_turns_the_check_off():
    house = Path(patrol_anpr.__file__).parent
    for path in [*house.rglob("*.py"), *(house.parent / "ui").rglob("*.py"), *house.parent.glob("installer/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "verify=False" not in text, path
        assert "CERT_NONE" not in text or path.name == "enrolling.py", path  # where nothing is believed, nor said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"this is no certificate\n", "holds no certificate"),
        (b"", "holds no certificate"),
        (b"\x30\x82\x01\x0a", "in DER form"),
    ],
)
def test_an_authority_that_is_no_certificate_is_a_sentence_of_the_sync(car, make_link, tmp_path, content, said: str):
    file = tmp_path / "force-ca.pem"
    if content is not None:
        file.write_bytes(content)
    link = make_link("https://127.0.0.1:9", ca_file=str(file))
    for ask in (link.download, link.upload):
        car.outbox.items = {"audit-1": audit_item(1)}
        with pytest.raises(DepotFault, match=said):
            ask(car.steps.append)
        assert said in car.steps[-1].problem
    with pytest.raises(DepotFault, match="is a folder"):
        make_link("https://127.0.0.1:9", ca_file=str(tmp_path)).download(car.steps.append)
