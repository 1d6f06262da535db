"""What `depot.toml` says of the pictures; what it says of the database is tested with PostgreSQL."""

from pathlib import Path

import pytest

from patrol_anpr.depot.settings import picture_store
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
