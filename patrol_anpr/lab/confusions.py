"""Measure which characters the reader takes for which others: `python -m patrol_anpr.lab.confusions FILE`.

On drawn plates alone: invented marks come nearer before a drawn camera, by day and by night, and are read as a pass is.
Only what would become a Read counts. The table goes to `hotlists/confusions.tsv`, by which a depot tells how many false
hits a list is going to bring.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np

from patrol_anpr.domain.clock import Clock
from patrol_anpr.domain.vrm import fold
from patrol_anpr.hotlists.confusions import FIRST, LAST, Confusions
from patrol_anpr.lab.approach import film, invent_subject, plan_approach
from patrol_anpr.lab.pass_accuracy import read_pass
from patrol_anpr.patrol.reader import build_reader
from patrol_anpr.reading.consensus import ACCEPTED
from patrol_anpr.reading.ocr import PlateOcr
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock

PASSES = 4000
_SEED = 19
_AT_ONCE = 100


def measure(passes: int, ocr: PlateOcr, clock: Clock, first: int = 0) -> Confusions:
    """Read so many drawn passes; `first` is the number of the first one, which decides what is drawn."""
    found = Confusions.none()
    for number in range(first, first + passes):
        rng = np.random.default_rng((_SEED, number))
        subject, approach = invent_subject(rng), plan_approach(rng)
        seen = film(subject, approach)
        made = read_pass(subject.text, seen, ocr, clock, by_night=approach.by_night, seed=approach.seed)
        if made.said.text and made.confidence >= ACCEPTED:
            found += counted(fold(subject.text), fold(made.said.text))
    return found


def counted(truth: str, read: str) -> Confusions:
    """Count one Read; both marks are folded. One that is neither of the right length nor cut at an end is `other`."""
    if len(read) == len(truth):
        wrong = sum(one != other for one, other in zip(truth, read, strict=True))
        if wrong > 1:  # no table of single characters tells of these
            return Confusions(1, 1, Counter())
        return Confusions(1, 0, Counter(zip(truth, read, strict=True)))
    if read == truth[1:]:
        return Confusions(1, 0, Counter([(FIRST, ""), *zip(read, read, strict=True)]))
    if read == truth[:-1]:
        return Confusions(1, 0, Counter([(LAST, ""), *zip(read, read, strict=True)]))
    return Confusions(1, 1, Counter())


def main(target: Path, passes: int) -> None:
    """Measure and write the table, as far as it is, every _AT_ONCE passes."""
    reader, clock = build_reader(Settings().reading), SystemClock()
    found = Confusions.none()
    for first in range(0, passes, _AT_ONCE):
        done = min(passes, first + _AT_ONCE)
        found += measure(done - first, reader.ocr, clock, first)
        target.write_text(found.text(f"python -m patrol_anpr.lab.confusions, {done} drawn passes, seed {_SEED}"))
    sys.stdout.write(f"{found.summary()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PASSES)
