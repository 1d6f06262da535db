"""`patrol-anpr depot backup`, `restore`, `prune` and `backup-key`: copies of a depot, and bringing one back."""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import typer
from nacl.public import PrivateKey, PublicKey
from rich.progress import Progress

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import complain, progress_bar, say
from patrol_anpr.depot.backup.copying import make_copy
from patrol_anpr.depot.backup.pool import KEEP_DAYS, Pool
from patrol_anpr.depot.backup.restoring import restore_copy
from patrol_anpr.depot.backup.sealed import Lock, Opener, Passphrase
from patrol_anpr.depot.jobs import note_done
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.plumbing.files import write_whole

PASSPHRASE = "PATROL_ANPR_BACKUP_PASSPHRASE"  # noqa: S105  # the name of a variable of the environment
"""Where it is set, nobody is asked: for a job of the night."""


def back_up(folder: Path, copies: Path, recipient: Path | None) -> int:
    """Copy a depot; returns 1 when it misses segments, or old copies should be pruned."""
    there(folder)  # before a passphrase is asked
    pool = Pool(copies)
    lock: Lock = Passphrase(_passphrase(twice=True)) if recipient is None else PublicKey(_hex_of(recipient))
    with progress_bar() as bar:
        made = make_copy(folder, pool, lock, datetime.now(UTC), _teller(bar))
    say(f"Copied to {made.copy.file}: {made.segments:,} segments, {made.new:,} of them new.")
    if made.missing:
        complain(f"{made.missing:,} segments are missing in the depot. Run `patrol-anpr depot verify`.")
    if expired := pool.expired(datetime.now(UTC), KEEP_DAYS):
        complain(
            f"{len(expired)} copies are older than {KEEP_DAYS} days and may hold what had to be erased since. Run "
            f"`patrol-anpr depot prune {copies}`."
        )
    if made.missing or expired:
        return 1
    note_done(folder, "backup", datetime.now(UTC))
    return 0


def bring_back(copy: Path, folder: Path, key: Path | None, settings: Path | None = None) -> int:
    """Bring a depot back from a copy; returns 1 when segments of it are lost."""
    opener: Opener = Passphrase(_passphrase(twice=False)) if key is None else PrivateKey(_hex_of(key))
    if not copy.is_file():
        raise BadInput(f"There is no copy {copy}. Check the path: its name ends in .sealed.")
    if settings is not None and not settings.is_file():
        raise BadInput(f"There is no file {settings}. Check the path.")
    with progress_bar() as bar:
        actor = f"operator {getpass.getuser()}"
        back = restore_copy(copy, opener, folder, datetime.now(UTC), actor, _teller(bar), settings)
    say(f"The depot is back in {folder}, with {back.segments:,} segments. Cars ask now which of their records it has.")
    if back.lost:
        complain(
            f"{back.lost:,} segments of pictures are lost: the depot missed them when it was copied, or the copies "
            "have lost them. Cars send again what they still have; `patrol-anpr depot verify` names the records."
        )
    return 1 if back.lost else 0


def prune_copies(copies: Path, days: int) -> int:
    """Delete copies older than so many days."""
    gone, segments = Pool(copies).prune(datetime.now(UTC), days)
    say(f"Copies deleted: {gone:,}. Segments that no copy left needs, deleted: {segments:,}.")
    return 0


def make_backup_key(file: Path) -> int:
    """Make a pair of keys: copies are sealed for the public one, and only the private one opens them."""
    public = file.with_suffix(".public")
    if file.exists() or public.exists():
        raise BadInput(f"There is a file {file} or {public} already. A key that is written over opens nothing more.")
    key = PrivateKey.generate()
    write_whole(file, bytes(key).hex().encode())
    write_whole(public, bytes(key.public_key).hex().encode())
    say(f"Made {file} and {public}. Take {file.name} away from this machine, and keep it where no copy is.")
    return 0


def _teller(bar: Progress) -> Callable[[int, int], None]:
    task = bar.add_task("segments", total=None)
    return lambda done, of: bar.update(task, completed=done, total=of)


def _passphrase(*, twice: bool) -> str:
    if said := os.environ.get(PASSPHRASE):
        return said
    return str(typer.prompt("Passphrase of the copy", hide_input=True, confirmation_prompt=twice, err=True))


def _hex_of(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        key = b""
    if len(key) != PrivateKey.SIZE:
        raise BadInput(f"{file} is no key for copies. Make one: `patrol-anpr depot backup-key FILE`.")
    return key
