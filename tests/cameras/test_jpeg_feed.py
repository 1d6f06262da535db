"""Pictures out of bytes, however they are cut and whatever stands between them."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.cameras.jpeg_feed import JpegFeed, NotPictures
from patrol_anpr.cameras.pictures import BadFrame


def picture(seed: int, *options: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 32, 3)).astype(np.uint8)
    return cv2.imencode(".jpg", pixels, list(options))[1].tobytes()


ONE, TWO = picture(1), picture(2, cv2.IMWRITE_JPEG_RST_INTERVAL, 1)
PROGRESSIVE = picture(3, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
WITH_THUMBNAIL = ONE[:2] + b"\xff\xe1" + (len(TWO) + 2).to_bytes(2, "big") + TWO + ONE[2:]


def fed(*chunks: bytes) -> list[bytes | str]:
    """The pictures of a stream, and in their place what was said of what is none."""
    feed, found = JpegFeed(), list[bytes | str]()
    for chunk in chunks:
        feed.add(chunk)
        while True:
            try:
                taken = feed.take()
            except BadFrame as error:
                taken = None
                found.append(str(error))
                continue
            if taken is None:
                break
            found.append(taken)
    return found


@pytest.mark.parametrize(
    "between",
    [
        b"",
        b"\r\n",
        b"\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 99\r\n\r\n",
        b"--frame\nContent-Type: image/jpeg\n\n",
        b"\0\0\0\r\n----frame\r\n\r\n",
        b"\r\nframe\r\nX-Time: 1\r\ncontent-length:7\r\n\r\n\r\n",
        b"\r\n--frame--\r\n\r\n--frame\r\nContent-type: image/jpg\r\n\r\n",
    ],
)
def test_what_stands_between_pictures_does_not_matter(between: bytes) -> None:
    pictures = [ONE, TWO, PROGRESSIVE, WITH_THUMBNAIL, ONE]
    assert fed(between + between.join(pictures)) == pictures


@given(st.lists(st.integers(0, 4000), max_size=30), st.booleans())
def test_it_does_not_matter_how_a_stream_is_cut(cuts: list[int], with_heads: bool) -> None:
    head = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" if with_heads else b""
    stream = head + ONE + b"\r\n" + head + TWO[:700] + b"\r\n" + head + WITH_THUMBNAIL + head + PROGRESSIVE
    at = sorted({0, len(stream), *(cut % len(stream) for cut in cuts)})
    assert fed(*(stream[a:b] for a, b in pairwise(at))) == fed(stream)
    assert fed(stream) == [ONE, "it breaks off before its end", WITH_THUMBNAIL, PROGRESSIVE]


def test_a_picture_is_given_with_its_last_byte() -> None:
    feed = JpegFeed()
    feed.add(ONE[:-1])
    assert feed.take() is None
    feed.add(ONE[-1:])
    assert feed.take() == ONE


@pytest.mark.parametrize("kept", [3, 20, 200, 620])
def test_half_a_picture_is_told_and_the_next_is_whole(kept: int) -> None:
    part = b"--x\r\nContent-Type: image/jpeg\r\n\r\n"
    assert fed(part + ONE[:kept] + b"\r\n" + part + TWO + part) == ["it breaks off before its end", TWO]


HEAD = b"--x\r\nContent-Type: %b\r\nContent-Length: 9\r\n\r\n"


def test_parts_without_pictures_are_told() -> None:
    stream = HEAD % b"image/jpeg" + b"rubbish\r\n" + HEAD % b"image/jpeg" + ONE + HEAD % b"image/jpeg" + b"torn" + ONE
    assert fed(stream) == ["it is no picture", ONE, "it is no picture", ONE]
    assert fed(*(bytes([byte]) for byte in stream)) == fed(stream)
    assert "it is text/plain" in fed((HEAD % b"text/plain" + b"no signal\r\n") * 6)


@pytest.mark.parametrize("media", [b"text/plain", b"application/xml", b"audio/basic"])
def test_what_is_sent_beside_the_pictures_is_passed_over(media: bytes) -> None:
    aside = HEAD % media + b"<time/>..\r\n"
    empty = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n\r\n"
    picture = HEAD % b"image/jpeg" + ONE + b"\r\n"
    assert fed((aside + picture + empty) * 20) == [ONE] * 20


@pytest.mark.parametrize("media", [b"video/h264", b"audio/aac"])
def test_video_in_parts_is_named(media: bytes) -> None:
    feed = JpegFeed()
    feed.add((HEAD % media + b"\0\0\0\1\x67abc\r\n") * 6)
    with pytest.raises(NotPictures, match=rf"sends {media.decode()}, not pictures: .*rtsp"):
        feed.take()


def test_noise_without_end_is_told_and_not_kept() -> None:
    feed, complaints = JpegFeed(), 0
    noise = np.random.default_rng(3).bytes(1 << 20).replace(b"\xff\xd8", b"\0\0")
    for _ in range(8):
        feed.add(noise)
        try:
            assert feed.take() is None
        except BadFrame:
            complaints += 1
    assert complaints >= 4
    assert len(feed.rest()) <= 2 * len(noise)


@given(st.binary(max_size=3000))
def test_any_bytes_are_taken(noise: bytes) -> None:
    fed(noise, ONE[:100], noise, b"content-length: 3\r\n\r\n", noise)
