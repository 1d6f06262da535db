"""Pictures are judged by their bytes before they are decoded."""

import re
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.cameras import BadFrame, read_picture
from patrol_anpr.cameras.pictures import decode_picture
from tests.cameras.fake_camera import resized_jpeg

SCENE = np.random.default_rng(3).integers(0, 255, (30, 40, 3)).astype(np.uint8)


def encoded(suffix: str) -> bytes:
    return cv2.imencode(suffix, SCENE)[1].tobytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_whole_pictures_are_decoded_read_only(suffix: str) -> None:
    pixels = decode_picture(encoded(suffix))
    assert pixels.shape == (30, 40, 3)
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
@given(share=st.floats(0.0, 0.95))
def test_a_picture_that_breaks_off_is_refused(suffix: str, share: float) -> None:
    whole = encoded(suffix)
    with pytest.raises(BadFrame):
        decode_picture(whole[: int(len(whole) * share)])


@given(
    st.binary(max_size=400)
    | st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF\x10\0\0\0WEBPVP8X"]).flatmap(
        lambda head: st.binary(max_size=200).map(lambda tail: head + tail)
    )
)
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with suppress(BadFrame):
        assert decode_picture(data).ndim == 3


def png_of(width: int, height: int) -> bytes:
    """A small, well-formed PNG that claims any size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_huge_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    for data in (png_of(20_000, 20_000), resized_jpeg(encoded(".jpg"), 20_000, 20_000), png_of(0, 10)):
        with pytest.raises(BadFrame, match=r"20000 x 20000|no size"):
            decode_picture(data)


def test_a_thumbnail_inside_a_broken_jpeg_does_not_make_it_whole() -> None:
    thumbnail = encoded(".jpg")
    whole = encoded(".jpg")
    exif = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert decode_picture(whole[:2] + exif + whole[2:]).shape == (30, 40, 3)
    with pytest.raises(BadFrame):
        decode_picture((whole[:2] + exif + whole[2:])[:-2])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for file in (tmp_path / "gone.jpg", tmp_path / "text.jpg", tmp_path):
        if file.name == "text.jpg":
            file.write_text("not a picture")
        with pytest.raises(BadFrame, match=rf"^The picture {re.escape(str(file))} cannot be .*\.$"):
            read_picture(file)
