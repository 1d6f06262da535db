"""`patrol-anpr depot backup`, `restore`, `prune` and `backup-key`: what is asked, printed and left behind."""

import os
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patrol_anpr.commands.depot_care import verify_depot
from patrol_anpr.commands.depot_copies import PASSPHRASE, back_up, bring_back, make_backup_key, prune_copies
from patrol_anpr.depot.backup import sealed
from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.pictures import pictures_in
from patrol_anpr.domain.errors import BadInput
from tests.depot.test_pictures import pack
from tests.depot.test_retention import take_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "depot"
    with closing(DepotDatabase(folder)) as database:
        take_in(database, pictures_in(folder, database), "r1", pack(2), datetime.now(UTC))
    return folder


def test_a_job_copies_with_the_public_key_alone_and_a_person_brings_it_back(folder, tmp_path, capsys):
    key, copies = tmp_path / "copies.key", tmp_path / "copies"
    assert make_backup_key(key) == 0
    assert back_up(folder, copies, tmp_path / "copies.public") == 0
    [copy] = copies.glob("*.sealed")
    assert f"Copied to {copy}: 1 segments, 1 of them new." in capsys.readouterr().out
    assert bring_back(copy, tmp_path / "back", key) == 0
    assert verify_depot(tmp_path / "back") == 0
    assert os.name == "nt" or key.stat().st_mode & 0o777 == 0o600


def test_a_passphrase_of_the_environment_is_taken(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_BYTES", 2**20)
    monkeypatch.setenv(PASSPHRASE, "twelve and more")
    assert back_up(folder, tmp_path / "copies", None) == 0
    [copy] = (tmp_path / "copies").glob("*.sealed")
    assert bring_back(copy, tmp_path / "back", None) == 0


def test_copies_past_their_time_are_told_of_and_pruned(folder, tmp_path, capsys):
    copies = tmp_path / "copies"
    make_backup_key(tmp_path / "k.key")
    back_up(folder, copies, tmp_path / "k.public")
    [copy] = copies.glob("*.sealed")
    past = f"depot-{datetime.now(UTC) - timedelta(days=40):%Y%m%dT%H%M%SZ}"
    for ending in (".sealed", ".segments"):
        copy.with_suffix(ending).rename(copies / f"{past}{ending}")
    assert back_up(folder, copies, tmp_path / "k.public") == 1
    assert "1 copies are older than 30 days" in capsys.readouterr().err
    assert prune_copies(copies, 30) == 0
    assert "Copies deleted: 1." in capsys.readouterr().out
    assert back_up(folder, copies, tmp_path / "k.public") == 0


def test_what_cannot_be_is_said_plainly(folder, tmp_path):
    make_backup_key(tmp_path / "k.key")
    with pytest.raises(BadInput, match="opens nothing more"):
        make_backup_key(tmp_path / "k.key")
    with pytest.raises(BadInput, match="no key for copies"):
        back_up(folder, tmp_path / "copies", folder / "depot.sqlite")
    with pytest.raises(BadInput, match="There is no copy"):
        bring_back(tmp_path / "nothing.sealed", tmp_path / "back", tmp_path / "k.key")
    with pytest.raises(BadInput, match="no depot in"):
        back_up(tmp_path / "nothing", tmp_path / "copies", tmp_path / "k.public")
