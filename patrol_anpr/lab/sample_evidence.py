"""Exports that write nothing: for reference screenshots and tests."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from patrol_anpr.domain.dossier import Exported, ExportPlace, checked_reason
from patrol_anpr.domain.errors import BadInput

PLACES = (
    ExportPlace(Path("/var/patrol-anpr/exports"), removable=False, free=41_200_000_000),
    ExportPlace(Path("/media/officer/COURT 7/Patrol ANPR evidence"), removable=True, free=7_900_000_000),
)


@dataclass
class SampleExports:
    """Satisfies window_ports.Exporting; an export ends when told, by `running`."""

    found: Sequence[ExportPlace] = PLACES
    running: "Future[Exported]" = field(default_factory=Future)
    asked: list[tuple[str, str, Path]] = field(default_factory=list)
    refuses: str = ""

    def places(self) -> "Future[Sequence[ExportPlace]]":
        """The same two."""
        future: Future[Sequence[ExportPlace]] = Future()
        future.set_result(self.found)
        return future

    def begin(self, read_id: str, reason: str, folder: Path) -> "Future[Exported]":
        """Write down what is asked for; raises as Exports.export does."""
        if self.refuses:
            raise BadInput(self.refuses)
        self.asked.append((read_id, checked_reason(reason), folder))
        self.running = Future()
        return self.running
