"""What `depot.toml` says of the pictures; what it says of the database is tested with PostgreSQL."""

from pathlib import Path

import pytest

from patrol_anpr.depot.settings import EvidenceSetting, evidence_setting, picture_store
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import write_whole


def settings(folder: Path, text: str) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / "depot.toml", text.encode())
    return folder


def test_the_store_of_the_pictures_is_read(tmp_path):
    assert picture_store(tmp_path) is None
    store = picture_store(settings(tmp_path / "depot", "[pictures]\nbucket = 'b'\nendpoint = 'http://s3'\n"))
    assert store is not None
    assert (store.bucket, store.endpoint, store.region) == ("b", "http://s3", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pictures]\nendpoint = 'x'\n", "needs a bucket"),
        ("[pictures]\nbucket = 5\n", "needs a bucket"),
        ("[pictures]\nbuket = 'x'\n", "It takes bucket, endpoint, region"),
        ("pictures = 1\n", "must be a section"),
    ],
)
def test_a_store_that_cannot_be_is_said_plainly(tmp_path, text: str, said: str):
    folder = settings(tmp_path / "depot", text)
    with pytest.raises(BadInput, match=said):
        picture_store(folder)


def test_how_reads_are_handed_out_is_read(tmp_path):
    assert evidence_setting(tmp_path) == EvidenceSetting(20)
    text = "[evidence]\nexports_a_day = 3\ntimestamp_url = 'https://tsa.example'\ntimestamp_ca = 'roots.pem'\n"
    folder = settings(tmp_path / "depot", text)
    assert evidence_setting(folder) == EvidenceSetting(3, "https://tsa.example", folder / "roots.pem")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exports_a_day = 0", "from 1 to 1,000"),
        ("exports_a_day = true", "from 1 to 1,000"),
        ("exports_a_day = '5'", "from 1 to 1,000"),
        ("timestamp_url = 'https://tsa.example'", "belong together"),
        ("timestamp_ca = 'roots.pem'", "belong together"),
        ("timestamp_url = 5\ntimestamp_ca = 'roots.pem'", "belong together"),
        ("exports = 5", "It takes exports_a_day"),
    ],
)
def test_how_reads_are_handed_out_is_refused_in_a_sentence(tmp_path, text: str, said: str):
    with pytest.raises(BadInput, match=said):
        evidence_setting(settings(tmp_path / "depot", f"[evidence]\n{text}\n"))
