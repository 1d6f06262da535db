"""Interlaced video files, of which OpenCV gives one and the same picture."""

import shutil
import socket
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pytest_httpserver import HTTPServer

from patrol_anpr.cameras import BadFrame, SourceEnded, open_source, parse_source
from patrol_anpr.cameras import ffmpeg as ffmpeg_module
from patrol_anpr.cameras.ffmpeg import FileFrames, unconvertible
from patrol_anpr.cameras.source import CaptureWish
from patrol_anpr.domain.errors import BadInput, DeviceLost
from patrol_anpr.domain.plate import Pixels
from tests.cameras.test_video_folder import a_clip, ffmpeg, needs_ffmpeg

FIELDS = "testsrc2=d=2:r=50:s=360x288,noise=alls=12:allf=t"


def interlaced(file: Path) -> Path:
    code = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", 16) if file.suffix != ".mpg" else ("-c:v", "mpeg2video")
    marked = ("-flags", "+ilme+ildct", "-field_order", "tt")
    ffmpeg("-f", "lavfi", "-i", FIELDS, "-vf", "tinterlace=interleave_top", *marked, *code, "-q:v", 3, file)
    return file


def all_of(file: Path) -> list[Pixels]:
    source, seen = open_source(parse_source(str(file)), CaptureWish()), []
    try:
        while True:
            seen.append(source.grab())
    except SourceEnded:
        return seen
    finally:
        source.close()


@needs_ffmpeg
@pytest.mark.parametrize("name", ["drive.mp4", "drive.ts", "drive.mpg"])
def test_every_frame_of_an_interlaced_file_is_seen(tmp_path: Path, name: str) -> None:
    seen = all_of(interlaced(tmp_path / name))
    assert len(seen) == 50
    assert all(not np.array_equal(one, other) for one, other in pairwise(seen))
    assert min(float(one.std()) for one in seen) > 30


@needs_ffmpeg
def test_without_the_program_the_sentence_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: Callable[[str], None]
) -> None:
    file = interlaced(tmp_path / "drive.mp4")
    if not stands_still(file):
        pytest.skip("this OpenCV reads interlaced video by itself")
    which("nothing")
    with pytest.raises(BadInput, match=r"drive.mp4 cannot be read: it is interlaced, .* install it"):
        all_of(file)
    (tmp_path / "empty.mp4").touch()
    source = open_source(parse_source(str(tmp_path)), CaptureWish())
    with pytest.raises(BadFrame, match="interlaced"):  # and the next clip would follow
        source.grab()
    source.close()


def test_a_second_look_at_a_stream_waits_no_longer_than_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg_module, "STREAM_TIMEOUT_MS", 200)
    still = [np.zeros((48, 64, 3), np.uint8)] * 5
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes the connection and never answers
        began = time.monotonic()
        assert not unconvertible(f"http://127.0.0.1:{silent.getsockname()[1]}/live.ts", still)
    assert time.monotonic() - began < 15  # FFmpeg's own patience is 30 s


@needs_ffmpeg
def test_interlaced_video_in_a_stream_is_named(tmp_path: Path, httpserver: HTTPServer) -> None:
    file = interlaced(tmp_path / "live.ts")
    if not stands_still(file):
        pytest.skip("this OpenCV reads interlaced video by itself")
    httpserver.expect_request("/live").respond_with_data(file.read_bytes(), content_type="video/mp2t")
    source = open_source(parse_source(httpserver.url_for("/live")), CaptureWish())
    with pytest.raises(DeviceLost, match=r"interlaced video, .* set it to progressive"):
        source.grab()
    source.close()


@needs_ffmpeg
def test_progressive_video_in_a_stream_is_seen_from_its_first_frame(tmp_path: Path, httpserver: HTTPServer) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=d=1:r=15:s=320x240", tmp_path / "live.ts")
    content = (tmp_path / "live.ts").read_bytes()
    httpserver.expect_request("/live").respond_with_data(content, content_type="video/mp2t")
    source = open_source(parse_source(httpserver.url_for("/live")), CaptureWish())
    seen = [source.grab() for _ in range(15)]
    assert all(not np.array_equal(one, other) for one, other in pairwise(seen))
    with pytest.raises(DeviceLost, match="stopped"):
        source.grab()
    source.close()


@pytest.fixture
def which(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the program ffmpeg be missing."""
    return lambda _: monkeypatch.setattr(shutil, "which", lambda _: None)


def stands_still(file: Path) -> bool:
    reader = FileFrames(str(file))
    frames = [reader._captured() for _ in range(4)]
    reader.close()
    return all(np.array_equal(frames[0], frame) for frame in frames)


@pytest.mark.parametrize("name", ["still.avi", "still.mp4"])
def test_a_picture_that_stands_still_is_no_interlaced_file(
    tmp_path: Path, name: str, which: Callable[[str], None]
) -> None:
    which("nothing")
    a_clip(tmp_path / name, 100, 12)
    assert len(all_of(tmp_path / name)) == 12
