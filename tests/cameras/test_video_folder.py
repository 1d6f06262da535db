"""A folder of clips, as a dashcam leaves them on its card, plays as one."""

from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.playback import frames
from patrol_anpr.cameras.source import SourceKind, parse_source
from patrol_anpr.domain.errors import BadInput
from tests.conftest import FakeClock


def a_clip(file: Path, grey: int, count: int) -> None:
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (320, 240))
    for _ in range(count):
        writer.write(np.full((240, 320, 3), grey, np.uint8))
    writer.release()


def test_clips_play_one_after_the_other_in_counting_order(tmp_path: Path, clock: FakeClock) -> None:
    a_clip(tmp_path / "clip10.avi", 200, 3)
    a_clip(tmp_path / "clip2.avi", 50, 4)
    (tmp_path / "readme.txt").write_text("not a video")
    spec = parse_source(str(tmp_path))
    assert spec.kind is SourceKind.VIDEO
    played = list(frames(spec, "front", clock))
    assert [round(float(frame.pixels.mean()), -1) for frame in played] == [50] * 4 + [200] * 3
    assert [frame.at_monotonic - clock.monotonic() for frame in played] == pytest.approx([n / 10 for n in range(7)])


def test_a_broken_clip_is_told_after_those_before_it(tmp_path: Path, clock: FakeClock) -> None:
    a_clip(tmp_path / "1.avi", 50, 2)
    (tmp_path / "2.avi").write_bytes(b"RIFF nothing")
    played = []
    with pytest.raises(BadInput, match=r"2\.avi"):
        played.extend(frames(parse_source(str(tmp_path)), "front", clock))
    assert not played or len(played) == 2


def test_an_empty_folder_names_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\.jpg.*\.mp4|\.mp4.*\.jpg"):
        parse_source(str(tmp_path))
