"""What the check of a large list costs: `python -m patrol_anpr.lab.draft_bench ENTRIES`.

A file of invented marks is checked against a revision that lacks a thousandth of it, as the console has it done.
"""

import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psutil

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.lists.checking import begin_checking, work_on
from patrol_anpr.depot.lists.drafts import Draft, Drafts, Stage, new_draft_id
from patrol_anpr.depot.lists.publishing import ListWish, import_hotlist
from patrol_anpr.domain.hotlist import Tier

_LETTERS = "ABCDEFGHJKLMNOPRSTUVWXYZ"
_REST = ",FORD,FOCUS,SILVER,STOP,,NO INSURANCE,,,METRO,20271231,,,,,"
WISH = ListWish("bench", "Bench", "Metro", Tier.ROUTINE)


def write_list(path: Path, entries: int) -> None:
    """Write a file of so many different marks."""
    with path.open("w", encoding="ascii") as file:
        for number in range(entries):
            letters, rest = [], number
            for _ in range(5):
                rest, letter = divmod(rest, len(_LETTERS))
                letters.append(_LETTERS[letter])
            file.write(f"{''.join(letters[:2])}{51 + rest % 25}{''.join(letters[2:])}{_REST}\n")


def main(entries: int) -> None:
    """Publish a list, check the next revision of it, and print what that took."""
    with tempfile.TemporaryDirectory(prefix="patrol-anpr-bench-") as scratch:
        folder, file = Path(scratch) / "depot", Path(scratch) / "list.csv"
        with closing(DepotDatabase(folder)):
            write_list(file, entries - entries // 1000)
            import_hotlist(folder, file, WISH.list_id, WISH.name, WISH.owner, WISH.tier)
        before = _peak()
        drafts, now = Drafts(folder), datetime.now(UTC)
        draft = Draft(
            draft_id=new_draft_id(), stage=Stage.UPLOADED, made_at=now, made_by="bench", file_name="list.csv", wish=WISH
        )
        write_list(drafts.make(draft) / "list.csv", entries)
        begin_checking(drafts, draft.draft_id, now)
        wall, began = time.monotonic(), time.process_time()
        checked = work_on(folder, draft.draft_id)
        seconds, peak = time.process_time() - began, _peak()
        found = drafts.result(draft.draft_id)
        changes = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items())
        clock = time.monotonic() - wall
        sys.stdout.write(
            f"{entries:,} entries ({changes}) checked in {seconds:.1f} s of one core, {clock:.1f} s by the clock; the "
            f"process had {peak >> 20} MB at most, {before >> 20} MB before. {checked.fault}\n"
        )


def _peak() -> int:
    """The most memory (bytes) that this process had."""
    if sys.platform == "win32":
        found = int(psutil.Process().memory_info().peak_wset)
    else:
        import resource  # of Unix alone

        found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]))
