"""Who may export what, and that it is on record before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from patrol_anpr.domain.dossier import (
    EXPORT_ASKED,
    EXPORT_FAILED,
    EXPORT_MADE,
    Dossier,
    Exported,
    ExportPlace,
    ExportRequest,
)
from patrol_anpr.domain.errors import BadInput, RecordsFault
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift import Crew
from patrol_anpr.patrol.export import Exports
from tests import made
from tests.fakes import FakeRecording

FOLDER = Path("/stick")


@dataclass
class Writing:
    """Writes down what it is to write, and how far the records were then."""

    recording: FakeRecording
    wrote: list[tuple[Dossier, ExportRequest]] = field(default_factory=list)
    refuses: str = ""

    def places(self) -> Sequence[ExportPlace]:
        return [ExportPlace(FOLDER, removable=False, free=1)]

    def write(self, dossier: Dossier, request: ExportRequest) -> Exported:
        assert self.recording.audits[-1] == (request.by, EXPORT_ASKED)
        assert "flush" in self.recording.story
        if self.refuses:
            raise BadInput(self.refuses)
        self.wrote.append((dossier, request))
        return Exported(
            request.folder / "e", request.folder / "e" / "e.pdf", made.NOW, (("e.pdf", "f" * 64),), "c" * 64
        )


SHIFT = made.a_shift()


def a_car(*, moving: bool | None = None, tier: Tier = Tier.PRIORITY) -> tuple[Exports, FakeRecording, Writing, str]:
    recording = FakeRecording()
    read = made.a_read()
    recording.start_shift(SHIFT)
    recording.keep_read(read, made.EVIDENCE, [made.a_hit(tier=tier, read=read)], SHIFT.shift_id)
    writing = Writing(recording)
    return Exports(recording, writing, lambda: moving), recording, writing, read.read_id


def test_it_is_on_record_before_and_with_the_hashes_after() -> None:
    exports, recording, writing, read_id = a_car()
    done = exports.export(read_id, "  Court \n file ", FOLDER, SHIFT).result(10)
    exports.close()
    assert done.pdf == FOLDER / "e" / "e.pdf"
    assert writing.wrote[0][1] == ExportRequest(read_id, SHIFT.officer_id, "Court file", FOLDER)
    assert recording.audits == [(SHIFT.officer_id, EXPORT_ASKED), (SHIFT.officer_id, EXPORT_MADE)]


@pytest.mark.parametrize("reason", ["", "  ", "ab", "--- !", "x" * 500])
def test_without_a_reason_nothing_is_exported(reason: str) -> None:
    exports, recording, writing, read_id = a_car()
    with pytest.raises(BadInput, match=r"reason|Say why"):
        exports.export(read_id, reason, FOLDER, SHIFT)
    exports.close()
    assert (recording.audits, writing.wrote) == ([], [])


def test_what_cannot_be_put_on_record_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    exports, recording, writing, read_id = a_car()
    monkeypatch.setattr(recording, "flush", lambda timeout: False)
    with pytest.raises(RecordsFault, match="nothing was exported"):
        exports.export(read_id, "Court file", FOLDER, SHIFT).result(10)
    exports.close()
    assert writing.wrote == []
    assert recording.audits[-1] == (SHIFT.officer_id, EXPORT_FAILED)


def test_an_export_that_fails_is_on_record_too() -> None:
    exports, recording, writing, read_id = a_car()
    writing.refuses = "There is not enough room."
    with pytest.raises(BadInput, match="not enough room"):
        exports.export(read_id, "Court file", FOLDER, SHIFT).result(10)
    exports.close()
    assert recording.audits == [(SHIFT.officer_id, EXPORT_ASKED), (SHIFT.officer_id, EXPORT_FAILED)]


def test_a_read_of_another_shift_or_of_none_is_not_handed_out() -> None:
    exports, _, writing, read_id = a_car()
    with pytest.raises(BadInput, match="not of your shift"):
        exports.export(read_id, "Court file", FOLDER, made.a_shift(shift_id="another")).result(10)
    with pytest.raises(BadInput, match="not in this car"):
        exports.export("gone", "Court file", FOLDER, SHIFT).result(10)
    exports.close()
    assert writing.wrote == []


def test_a_lone_driver_exports_nothing_while_the_car_moves() -> None:
    exports, recording, _, read_id = a_car(moving=True)
    with pytest.raises(BadInput, match="Stop the car first"):
        exports.export(read_id, "Court file", FOLDER, SHIFT)
    assert recording.audits == []
    with_observer = made.a_shift(crew=Crew.WITH_OBSERVER)
    assert exports.export(read_id, "Court file", FOLDER, with_observer).result(10)
    exports.close()


def test_a_silent_hit_is_never_in_what_the_crew_gets() -> None:
    exports, _, writing, read_id = a_car(tier=Tier.SILENT)
    exports.export(read_id, "Court file", FOLDER, SHIFT).result(10)
    exports.hand_out(ExportRequest(read_id, "it", "Court order", FOLDER, covert=True))
    exports.close()
    assert [len(dossier.hits) for dossier, _ in writing.wrote] == [0, 1]


def test_a_car_without_a_writer_says_so() -> None:
    exports = Exports(FakeRecording(), None)
    with pytest.raises(BadInput, match="exports no evidence"):
        exports.places().result(10)
    exports.close()
