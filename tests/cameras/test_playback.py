"""Files and folders, frame by frame."""

import re
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_anpr.cameras import frames, parse_source
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.plate import Frame
from tests.conftest import FakeClock


def test_every_frame_of_a_video_comes_once_in_media_time(video: Path, clock: FakeClock) -> None:
    first, second = (list(frames(parse_source(str(video)), "front", clock)) for _ in range(2))
    assert [frame.number for frame in first] == list(range(30))
    assert [round(float(frame.pixels.mean()) / 8) for frame in first] == list(range(30))
    assert first[0].at_monotonic == clock.monotonic()
    assert first[0].at_utc == clock.utc()
    assert all(later.at_monotonic - earlier.at_monotonic == pytest.approx(1 / 30) for earlier, later in pairwise(first))
    assert (first[-1].at_utc - first[0].at_utc).total_seconds() == pytest.approx(29 / 30, abs=1e-5)
    assert not first[0].pixels.flags.writeable
    assert all(same(one, other) for one, other in zip(first, second, strict=True))


def read_all(path: Path, clock: FakeClock) -> tuple[list[Frame], str]:
    """Every frame delivered, and the sentence told after the last."""
    delivered: list[Frame] = []
    try:
        for frame in frames(parse_source(str(path)), "front", clock):
            delivered.append(frame)  # noqa: PERF402 - those before the error are kept
    except BadInput as error:
        return delivered, str(error)
    return delivered, ""


def same(one: Frame, other: Frame) -> bool:
    return np.array_equal(one.pixels, other.pixels) and one.at_monotonic == other.at_monotonic


def test_a_bad_picture_is_told_at_the_end_and_the_others_are_delivered(tmp_path: Path, clock: FakeClock) -> None:
    for number in range(5):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), np.full((48, 64, 3), 40 * number, np.uint8))
    (tmp_path / "0.jpg").write_bytes(b"")
    whole = (tmp_path / "3.jpg").read_bytes()
    (tmp_path / "3.jpg").write_bytes(whole[: len(whole) // 2])
    delivered, sentence = read_all(tmp_path, clock)
    assert re.search(r"^2 of 5 frames could not be read\. .*0\.jpg.*3\.jpg.*\.$", sentence)
    assert [frame.number for frame in delivered] == [1, 2, 4]
    assert delivered[-1].at_monotonic - clock.monotonic() == pytest.approx(0.4)


def test_a_damaged_video_is_refused(tmp_path: Path, clock: FakeClock, capfd: pytest.CaptureFixture[str]) -> None:
    for name, content in (("noise.mp4", np.random.default_rng(1).bytes(50_000)), ("empty.avi", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=r"cannot be played: .*\.$"):
            next(frames(parse_source(str(tmp_path / name)), "front", clock))
    assert capfd.readouterr().err == ""


def test_a_video_that_breaks_off_is_told_after_its_last_frame(video: Path, clock: FakeClock) -> None:
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) // 2])
    delivered, sentence = read_all(video, clock)
    assert 0 < len(delivered) < 27
    assert re.search(rf"breaks off: frame {len(delivered)} was the last .* bytes of the file are missing", sentence)


def test_a_video_cut_off_before_its_index_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "drive.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25.0, (64, 48))
    for number in range(50):
        writer.write(np.full((48, 64, 3), number, np.uint8))
    writer.release()
    assert len(list(frames(parse_source(str(path)), "front", clock))) == 50
    path.write_bytes(path.read_bytes()[:-600])
    with pytest.raises(BadInput, match=r"cannot be played|breaks off"):
        list(frames(parse_source(str(path)), "front", clock))


@pytest.mark.parametrize(("side", "reason"), [(9_000, "9000 x 9000"), (20_000, "has no size")])
def test_a_video_that_claims_a_huge_size_is_refused(video: Path, clock: FakeClock, side: int, reason: str) -> None:
    whole = bytearray(video.read_bytes())
    at = whole.index(b"strf") + 12
    whole[at : at + 8] = side.to_bytes(4, "little") * 2
    at = whole.index(b"movi")
    while (at := whole.find(b"\xff\xc0\x00\x11", at + 1)) > 0:  # each frame's own head
        whole[at + 5 : at + 9] = side.to_bytes(2, "big") * 2
    video.write_bytes(whole)
    with pytest.raises(BadInput, match=reason):  # FFmpeg itself gives up on the larger one
        next(frames(parse_source(str(video)), "front", clock))


def test_a_file_that_vanishes_is_refused(video: Path, clock: FakeClock) -> None:
    spec = parse_source(str(video))
    video.unlink()
    with pytest.raises(BadInput, match="cannot be played"):
        next(frames(spec, "front", clock))


def test_a_camera_cannot_be_read_frame_by_frame(clock: FakeClock) -> None:
    with pytest.raises(BadInput, match="is a camera"):
        next(frames(parse_source("usb:0"), "front", clock))
