from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.plumbing.jpeg import END, FRAMES, SCAN, NotAJpeg, Segment, frame_size, segments


def jpeg(*flags: int) -> bytes:
    picture = np.random.default_rng(5).integers(0, 255, (20, 40, 3)).astype(np.uint8)
    return cv2.imencode(".jpg", picture, list(flags))[1].tobytes()


WHOLE = {
    "baseline": jpeg(),
    "progressive": jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restarts": jpeg(cv2.IMWRITE_JPEG_RST_INTERVAL, 1),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE.keys())
def test_a_picture_has_one_frame_a_scan_and_an_end(content: bytes) -> None:
    found = list(segments(content + b"what follows is not read"))
    assert [frame_size(one) for one in found if one.marker in FRAMES] == [(40, 20)]
    assert any(one.marker == SCAN for one in found)
    assert (found[-1].marker, found[-1].end) == (END, len(content))


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE.keys())
@given(data=st.data())
def test_one_that_breaks_off_is_told(content: bytes, data: st.DataObject) -> None:
    with pytest.raises(NotAJpeg):
        list(segments(content[: data.draw(st.integers(0, len(content) - 1))]))


def test_fill_bytes_and_marks_without_a_length_are_passed_over() -> None:
    content = jpeg()
    assert [one.marker for one in segments(content[:2] + b"\xff\xff\xff\x01\xff\xd3" + content[2:])] == [
        one.marker for one in segments(content)
    ]


@given(st.binary(max_size=200))
def test_any_bytes_end(tail: bytes) -> None:
    with suppress(NotAJpeg):
        assert [one.marker for one in segments(b"\xff\xd8" + tail)][-1] == END


def test_a_frame_too_short_to_hold_a_size_is_told() -> None:
    with pytest.raises(NotAJpeg, match="damaged"):
        frame_size(Segment(0xC0, b"\x08\x00\x14\x00", 0))
