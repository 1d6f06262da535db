"""A folder of clips, as a dashcam leaves them on its card, plays as one."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.cameras.playback import frames
from patrol_anpr.cameras.source import SourceKind, parse_source
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import CameraState
from tests.cameras.test_camera import watched
from tests.conftest import FakeClock


def a_clip(file: Path, grey: int, count: int, code: str = "", fps: float = 10.0) -> None:
    code = code or ("MJPG" if file.suffix == ".avi" else "mp4v")
    writer = cv2.VideoWriter(str(file), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), fps, (320, 240))
    assert writer.isOpened()
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


def cut_before_its_index(folder: Path, name: str) -> None:
    """An MP4 as a recorder that lost its power leaves it: its index would have been written at its end."""
    whole = folder / f"whole {name}"
    a_clip(whole, 90, 30)
    content = whole.read_bytes()
    whole.unlink()
    (folder / name).write_bytes(content[: content.index(b"moov") - 4])


def sound_only(file: Path) -> None:
    """An MP4 with an index of one track, of sound."""
    track = box(b"trak", box(b"tkhd", bytes(84)) + box(b"mdia", box(b"hdlr", bytes(8) + b"soun" + bytes(12))))
    file.write_bytes(box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", box(b"mvhd", bytes(100)) + track))


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def played(folder: Path, clock: FakeClock) -> tuple[list[int], list[str], str]:
    """The grey of every frame, what was told on the way, and what at the end."""
    told: list[str] = []
    greys: list[int] = []
    try:
        for frame in frames(parse_source(str(folder)), "front", clock, on_loss=told.append):
            greys.append(round(float(frame.pixels.mean()), -1))  # type: ignore[arg-type]  # noqa: PERF401
    except BadInput as error:
        return greys, told, str(error)
    return greys, told, ""


def test_bad_clips_are_named_and_the_others_play(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "1.mp4").touch()
    a_clip(tmp_path / "2.avi", 50, 3)
    cut_before_its_index(tmp_path, "3.mp4")
    sound_only(tmp_path / "4.mp4")
    (tmp_path / "5.mov").write_bytes(np.random.default_rng(5).bytes(9000))
    a_clip(tmp_path / "6.mp4", 100, 3)
    (tmp_path / "7.avi").write_bytes(b"RIFF nothing")
    greys, told, end = played(tmp_path, clock)
    assert greys == [50] * 3 + [100] * 3
    reasons = ["is empty", "lost|loses its power", "sound and no pictures", "not a video", "not a video"]
    for name, reason, sentence in zip(("1.mp4", "3.mp4", "4.mp4", "5.mov", "7.avi"), reasons, told, strict=True):
        assert name in sentence
        assert re.search(reason, sentence)
        assert "cable" not in sentence
    assert end.startswith("5 of 7 clips could not be read whole: ")
    assert all(name in end for name in ("1.mp4", "3.mp4", "4.mp4"))
    assert end.endswith(" ...")


@pytest.mark.parametrize("kind", ["avi", "mp4", "mkv"])
def test_a_clip_that_is_cut_is_read_as_far_as_it_goes(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    a_clip(tmp_path / "1.avi", 50, 2)
    a_clip(tmp_path / f"2.{kind}", 100, 40)
    whole = (tmp_path / f"2.{kind}").read_bytes()
    if kind == "mp4":  # the index is behind the pictures: put it before them, as recorders that copy do
        whole = index_first(whole)
    (tmp_path / f"2.{kind}").write_bytes(whole[: len(whole) * 4 // 5])
    a_clip(tmp_path / "3.avi", 200, 2)
    greys, told, end = played(tmp_path, clock)
    assert greys[:2] == [50] * 2
    assert greys[-2:] == [200] * 2
    assert 4 < len(greys) < 44
    assert len(told) == 1
    assert re.search(rf"2\.{kind} breaks off: frame {len(greys) - 4} was the last", told[0])
    assert end.startswith("1 of 3 clips could not be read whole: ")


def index_first(content: bytes) -> bytes:
    """An MP4 with its index before its pictures; the places in it are moved by the index's own length."""
    at = content.index(b"moov") - 4
    index = bytearray(content[at:])
    places = index.index(b"stco") + 8
    for number in range(int.from_bytes(index[places : places + 4], "big")):
        place = places + 4 + 4 * number
        moved = int.from_bytes(index[place : place + 4], "big") + len(index)
        index[place : place + 4] = moved.to_bytes(4, "big")
    begin = content.index(b"mdat") - 4
    return content[:begin] + bytes(index) + content[begin:at]


@pytest.mark.parametrize("kind", ["avi", "mp4", "mkv", "mov", "webm"])
def test_a_whole_clip_is_whole_in_every_container(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    code = "VP80" if kind == "webm" else "mp4v"
    a_clip(tmp_path / f"1.{kind}", 100, 25, code)
    greys, told, end = played(tmp_path, clock)
    assert (len(greys), told, end) == (25, [], "")


def test_only_bad_clips_are_lost_and_not_ended(tmp_path: Path) -> None:
    (tmp_path / "1.mp4").touch()
    (tmp_path / "2.mp4").touch()
    with watched(str(tmp_path)) as (_, listener, _slot):
        assert "2 of 2 clips" in listener.wait(CameraState.LOST, within=5).detail


def test_a_camera_that_plays_a_card_tells_each_loss_when_it_is_its_turn(tmp_path: Path) -> None:
    a_clip(tmp_path / "1.avi", 50, 3)
    (tmp_path / "2.mp4").touch()
    (tmp_path / "3.mp4").touch()
    a_clip(tmp_path / "4.avi", 100, 3)
    with watched(str(tmp_path)) as (_, listener, slot):
        ended = listener.wait(CameraState.ENDED, within=5)
    assert slot.offered == 6
    assert "2 of 4 clips could not be read whole" in ended.detail
    gaps = [status.detail for _, status in listener.heard if status.state is CameraState.GAPS]
    assert ["2.mp4" in gaps[0], "3.mp4" in gaps[1]] == [True, True]
    assert listener.states[-1] is CameraState.ENDED


def test_clips_of_an_event_win_over_its_thumbnail_and_what_is_left_is_named(tmp_path: Path) -> None:
    a_clip(tmp_path / "front.avi", 50, 3)
    for name in ("thumb.png", "event.json", ".hidden"):
        (tmp_path / name).touch()
    spec = parse_source(str(tmp_path))
    assert spec.kind is SourceKind.VIDEO
    assert spec.passed_over == f"The folder {tmp_path} also holds what is not read: event.json, thumb.png."
    (tmp_path / "more").mkdir()
    (tmp_path / "yet.txt").touch()
    assert parse_source(str(tmp_path)).passed_over.endswith("event.json, more, thumb.png and 1 more.")


def test_clips_of_different_rates_keep_their_own_time(tmp_path: Path, clock: FakeClock) -> None:
    a_clip(tmp_path / "1.avi", 50, 5, fps=10.0)
    a_clip(tmp_path / "2.avi", 50, 4, fps=2.0)
    times = [frame.at_monotonic - clock.monotonic() for frame in frames(parse_source(str(tmp_path)), "front", clock)]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 1.5, 2.0])


needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg program to make its clips")


def ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts", "avi"])
def test_a_variable_frame_rate_is_no_loss(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    select = "select='lt(t,2)+not(mod(n,5))'"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=4:r=15:s=320x240", "-vf", select, "-fps_mode", "vfr", tmp_path / f"1.{kind}")
    greys, told, end = played(tmp_path, clock)
    assert (len(greys), told, end) == (36, [], "")
    *_, last = frames(parse_source(str(tmp_path)), "front", clock)
    if kind != "avi":  # which has no times, only a rate
        assert last.at_monotonic - clock.monotonic() == pytest.approx(59 / 15 - 1 / 15, abs=0.3)


@needs_ffmpeg
@pytest.mark.parametrize("order", [(0, 3000), (3000, 0), (0, 0), (95440, 0)])
def test_recordings_joined_in_one_file_are_whole(tmp_path: Path, clock: FakeClock, order: tuple[int, int]) -> None:
    for number, offset in enumerate(order):
        source = ("-f", "lavfi", "-i", "testsrc=d=2:r=15:s=320x240", "-output_ts_offset", offset)
        ffmpeg(*source, tmp_path / f"{number}.m2t")
    joined = b"".join((tmp_path / f"{number}.m2t").read_bytes() for number in range(2))
    for number in range(2):
        (tmp_path / f"{number}.m2t").unlink()
    (tmp_path / "joined.ts").write_bytes(joined)
    greys, told, end = played(tmp_path, clock)
    assert (len(greys), told, end) == (60, [], "")
    *_, last = frames(parse_source(str(tmp_path)), "front", clock)
    assert last.at_monotonic - clock.monotonic() < 10


@needs_ffmpeg
def test_a_trimmed_clip_is_whole_and_one_of_which_half_was_lost_is_not(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "card").mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=8:r=15:s=320x240", "-g", 60, tmp_path / "all.mp4")
    ffmpeg("-ss", 3, "-i", tmp_path / "all.mp4", "-c", "copy", "-t", 3, tmp_path / "card" / "1.mp4")
    assert played(tmp_path / "card", clock)[1:] == ([], "")
    content = bytearray((tmp_path / "all.mp4").read_bytes())
    begin, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content[(begin + end) // 2 : end] = bytes(end - (begin + end) // 2)  # what a recorder had not written yet
    (tmp_path / "card" / "2.mp4").write_bytes(content)
    _, told, end_told = played(tmp_path / "card", clock)
    assert "2.mp4" in told[0]
    assert "seconds" in told[0]
    assert end_told.startswith("1 of 2 clips")


def test_an_empty_folder_names_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\.jpg.*\.mp4|\.mp4.*\.jpg"):
        parse_source(str(tmp_path))
