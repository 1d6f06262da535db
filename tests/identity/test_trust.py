from pathlib import Path

import pytest

from patrol_anpr.domain.errors import RecordsFault
from patrol_anpr.identity import trust
from patrol_anpr.identity.trust import Trust

TRUST = Trust("7f2c", b"-----BEGIN", bytes(range(32)), bytes(32), b'{"signed"')


def test_what_is_kept_is_read_and_only_its_owner_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "identity"
    assert trust.read(folder) is None
    trust.keep(folder, TRUST)
    assert trust.read(folder) == TRUST
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / trust.FILE).stat().st_mode & 0o077 == 0


def test_a_field_that_an_older_version_did_not_keep_has_its_default(tmp_path: Path) -> None:
    trust.keep(tmp_path, TRUST)
    file = tmp_path / trust.FILE
    file.write_text(file.read_text().replace("lists_root", "of_the_future"))
    kept = trust.read(tmp_path)
    assert kept is not None
    assert kept.lists_root == b""


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"depot_id": 1, "ca": "%"}', b"\xff\xfe", b"null"])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / trust.FILE).write_bytes(damage)
    with pytest.raises(RecordsFault, match="Enrol the car again"):
        trust.read(tmp_path)
