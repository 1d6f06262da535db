"""Pictures: sealed on the disk, small for the depot."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.domain.read import Evidence
from patrol_anpr.records.evidence import OVERVIEW_BYTES, PATCH_BYTES, Pictures, _packed, _unpacked, small_copies
from tests.records.made import KEY, PICTURES, jpeg


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    pictures = Pictures(tmp_path, KEY)
    pictures.open()
    return pictures


def size_of(picture: bytes) -> tuple[int, int]:
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels.shape[1], pixels.shape[0]


def test_pictures_come_back_as_they_were(pictures: Pictures) -> None:
    pictures.keep("r1", PICTURES)
    pictures.keep("r2", Evidence(b"", b"overview"))
    assert pictures.load("r1") == PICTURES
    assert pictures.load("r2") == Evidence(b"", b"overview")
    assert pictures.load("r3") is None


@given(st.binary(max_size=40), st.binary(max_size=40), st.lists(st.binary(min_size=1, max_size=9), max_size=2))
def test_whatever_pictures_there_are_come_back(patch: bytes, overview: bytes, others: list[bytes]) -> None:
    evidence = Evidence(patch, overview, tuple(others))
    assert _unpacked(_packed(evidence)) == evidence


def test_pictures_of_an_earlier_version_are_read(pictures: Pictures) -> None:
    """They had two: the patch after its length, then the overview."""
    assert _unpacked(b"\0\0\0\5patchoverview") == Evidence(b"patch", b"overview")
    assert _packed(Evidence(b"patch", b"overview")) == b"\0\0\0\5patchoverview"


def test_the_other_patches_of_a_pass_are_kept_and_stay_on_the_car(pictures: Pictures) -> None:
    several = replace(PICTURES, patches=(jpeg(160, 44, 3), jpeg(120, 34, 4)))
    pictures.keep("r1", several)
    assert pictures.load("r1") == several
    assert small_copies(several) == small_copies(PICTURES)
    pictures.remove("r1")
    assert pictures.load("r1") is None


def test_the_right_text_never_gets_another_reads_picture(pictures: Pictures) -> None:
    pictures.keep("r1", PICTURES)
    pictures.file_of("r1").rename(pictures.file_of("r2"))
    assert pictures.load("r2") is None


def test_every_changed_byte_is_found(pictures: Pictures) -> None:
    pictures.keep("r1", Evidence(b"patch", b"overview"))
    file = pictures.file_of("r1")
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert pictures.load("r1") is None
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert pictures.load("r1") is None


@pytest.mark.parametrize("read_id", ["../../etc/x", "a/b", "CON", "\0", "x" * 5000, "\u202egpj", ""])
def test_no_id_leads_out_of_the_folder(pictures: Pictures, read_id: str) -> None:
    pictures.keep(read_id, PICTURES)
    assert pictures.load(read_id) == PICTURES
    assert [file.parent for file in pictures.folder.iterdir()] == [pictures.folder]


def test_pictures_that_no_row_names_are_found_and_rows_without_counted(pictures: Pictures) -> None:
    for name in ("kept", "stray"):
        pictures.keep(name, PICTURES)
    (pictures.folder / "lost+found").mkdir()
    (pictures.folder / "somebody's notes").write_text("x")
    assert pictures.strays(["kept", "bare"]) == ([pictures.file_of("stray")], 1)


def test_pictures_that_were_both_given_up_leave_no_file(pictures: Pictures) -> None:
    pictures.keep("r1", PICTURES)
    pictures.keep("r1", Evidence(PICTURES.patch, b""))
    assert pictures.load("r1") == Evidence(PICTURES.patch, b"")
    pictures.keep("r1", Evidence(b"", b""))
    assert list(pictures.folder.iterdir()) == []


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 900), st.integers(1, 700), st.integers(1, 165), st.integers(0, 9))
def test_small_copies_keep_the_national_limits(width: int, height: int, noise: int, seed: int) -> None:
    small = small_copies(Evidence(jpeg(width, height, seed, noise), jpeg(width * 2, height * 2, seed, noise)))
    assert len(small.patch) <= PATCH_BYTES
    assert len(small.overview) <= OVERVIEW_BYTES
    patch_width, patch_height = size_of(small.patch)
    assert patch_width <= 120
    assert patch_height <= 60


def test_small_copies_are_the_same_each_time_and_leave_small_pictures_alone() -> None:
    assert small_copies(PICTURES) == small_copies(PICTURES)
    little = Evidence(jpeg(100, 30, 1), jpeg(200, 100, 1))
    assert small_copies(little) == little


def test_what_does_not_decode_is_sent_as_it_is() -> None:
    broken = Evidence(b"no picture", b"")
    assert small_copies(broken) == broken
