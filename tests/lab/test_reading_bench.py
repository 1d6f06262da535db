from pathlib import Path

import pytest

from patrol_anpr.domain.errors import BadInput, ModelRefused
from patrol_anpr.lab.reading_bench import read_through
from patrol_anpr.patrol.reader import Reader
from patrol_anpr.vehicle.clock import SystemClock
from tests.integration.cars import passing, write_clip
from tests.reading.made import ScriptedDetector, ScriptedOcr


@pytest.fixture
def reader() -> Reader:
    return Reader(ScriptedDetector(), ScriptedOcr(), "scripted")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.avi", passing("TX64KZW"))


def test_every_frame_but_the_first_is_measured_up_to_a_number(clip: Path, reader: Reader) -> None:
    assert len(read_through(clip, reader, SystemClock(), 300, lambda done: None).whole) == 15
    costs = read_through(clip, reader, SystemClock(), 10, lambda done: None)
    assert (len(costs.whole), len(costs.detector), costs.size) == (10, 10, (960, 540))
    assert all(wall >= 0 for _, wall in costs.whole)


@pytest.mark.parametrize("failure", [None, ModelRefused("The model gives no numbers.")])
def test_what_cannot_be_measured_is_told(clip: Path, reader: Reader, tmp_path: Path, failure: Exception | None) -> None:
    cut = tmp_path / "cut.avi"
    cut.write_bytes(b"no video")
    assert isinstance(reader.detector, ScriptedDetector)
    reader.detector.failure = failure
    with pytest.raises(BadInput):
        read_through(clip if failure else cut, reader, SystemClock(), 10, lambda done: None)
    with pytest.raises(BadInput, match="is a camera"):
        read_through(Path("usb:0"), reader, SystemClock(), 10, lambda done: None)
