"""The word that the depot holds all of some records, kept beside them: since when, and in which epoch of the depot."""

from dataclasses import dataclass
from pathlib import Path

from patrol_anpr.plumbing.files import write_whole

HELD = "held"
"""The file, in the folder of the records."""


@dataclass(frozen=True, slots=True)
class HeldMark:
    """`at` is in POSIX seconds. The mark of an earlier epoch than the depot's proves nothing: it was restored since."""

    at: float
    epoch: int

    @classmethod
    def of(cls, folder: Path) -> "HeldMark | None":
        """Return the mark of the records in `folder`; None where there is none that is whole."""
        try:
            at, epoch = (folder / HELD).read_text("ascii").split()
            return cls(float(at), int(epoch))
        except (OSError, ValueError):
            return None

    def put(self, folder: Path) -> None:
        """Write it. Raises OSError."""
        write_whole(folder / HELD, f"{self.at} {self.epoch}".encode("ascii"))
