"""Sources as typed by a user."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.cameras import CaptureWish, SourceKind, open_source, parse_source, picture_files, require_present
from patrol_anpr.domain.errors import BadInput, DeviceLost


@pytest.mark.parametrize(
    ("text", "kind", "where"),
    [
        ("0", SourceKind.USB, "0"),
        ("usb:0", SourceKind.USB, "0"),
        (" USB:12 ", SourceKind.USB, "12"),
        ("/dev/video3", SourceKind.USB, "/dev/video3"),
        (
            "/dev/v4l/by-id/usb-Maker_Cam_42-video-index0",
            SourceKind.USB,
            "/dev/v4l/by-id/usb-Maker_Cam_42-video-index0",
        ),
        ("rtsp://10.0.0.7:554/live", SourceKind.STREAM, "rtsp://10.0.0.7:554/live"),
        ("HTTP://cam.local/video", SourceKind.STREAM, "HTTP://cam.local/video"),
        ("https://[::1]:8443/", SourceKind.STREAM, "https://[::1]:8443/"),
    ],
)
def test_cameras_and_addresses(text: str, kind: SourceKind, where: str) -> None:
    spec = parse_source(text)
    assert (spec.kind, spec.where, spec.live) == (kind, where, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "usb:",
        "usb:front",
        "usb:1234",
        "webcam",
        "ftp://x/y",
        "http://",
        "http://h:port/",
        "rtsp://a b/",
        "a\0b",
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"^[A-Z'].*\.$"):
        parse_source(text)


@pytest.mark.parametrize(
    "path",
    [
        "/user=unit&password=s3cret&channel=1&stream=0.sdp",
        "/user=unit_password=s3cret_channel=1_stream=0.sdp?real_stream",
        "/live;username=unit;PWD=s3cret",
        "/live?user=unit&pwd=s3cret",
    ],
)
def test_a_password_within_an_address_is_never_shown(path: str) -> None:
    spec = parse_source(f"rtsp://10.0.0.7:554{path}")
    assert path in spec.where
    for shown in (spec.label, repr(spec)):
        assert "s3cret" not in shown
        assert "unit" not in shown
        assert "10.0.0.7:554/" in shown


@given(st.text() | st.text(alphabet="usb:/dev.htp0[]@#?% \0\n~").map(lambda text: "http://" + text))
def test_any_text_is_understood_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert parse_source(text).label


def test_a_password_is_in_no_text_we_show() -> None:
    spec = parse_source("rtsp://officer:s3cret@10.0.0.7:554/live?token=s3cret")
    assert spec.label == "rtsp://10.0.0.7:554/live"
    assert "s3cret" not in repr(spec)


def test_files_and_folders(tmp_path: Path, video: Path) -> None:
    assert parse_source(str(video)).kind is SourceKind.VIDEO
    with pytest.raises(BadInput, match="no file or folder"):
        parse_source(str(tmp_path / "missing.mp4"))
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(BadInput, match="holds no pictures and no videos"):
        parse_source(str(folder))
    (folder / "a.JPG").touch()
    assert parse_source(str(folder)).kind is SourceKind.PICTURES
    assert parse_source(str(folder / "a.JPG")).kind is SourceKind.PICTURES


def test_pictures_come_in_the_order_a_person_counts(tmp_path: Path) -> None:
    names = ["f1.png", "f2.png", "f010.png", "f11.png", "f100.png", "g.png"]
    for name in [*reversed(names), "notes.txt", "._f1.png"]:
        (tmp_path / name).touch()
    assert [file.name for file in picture_files(tmp_path)] == names


def test_an_absent_camera_is_told_before_and_at_opening() -> None:
    for text in ("usb:97", "/dev/video97"):
        spec = parse_source(text)
        with pytest.raises(BadInput, match="There is no camera"):
            require_present(spec)
        with pytest.raises(DeviceLost, match="plug it in"):
            open_source(spec, CaptureWish())
