"""`doctor` looks at each camera for itself, as long as it takes to see whether plates could be read."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from patrol_anpr.cameras import FoundCamera
from patrol_anpr.cameras.opencv import cv2
from patrol_anpr.commands import doctor
from patrol_anpr.domain.health import LampState
from patrol_anpr.settings import Settings
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.test_video_folder import a_clip

GOOD, WARN, BAD = LampState.GOOD, LampState.WARN, LampState.BAD


@pytest.fixture(autouse=True)
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[FoundCamera]], None]:
    """Say which cameras are plugged in: none, unless a test says so."""

    def say(found: list[FoundCamera]) -> None:
        monkeypatch.setattr(doctor, "list_cameras", lambda: found)

    say([])
    return say


def found_of(*sources: str) -> list[doctor.Finding]:
    cameras = [{"name": f"camera{number}", "source": source} for number, source in enumerate(sources)]
    return list(doctor._cameras(Settings.model_validate({"cameras": cameras})))


def test_one_bad_camera_keeps_none_of_the_others_from_being_looked_at(tmp_path: Path) -> None:
    card, ruined = tmp_path / "card", tmp_path / "ruined"
    for folder in (card, ruined):
        folder.mkdir()
        (folder / "1.mp4").touch()
    a_clip(card / "2.avi", 100, 3)
    findings = found_of(str(ruined), "http://127.0.0.1:9/", str(card))
    assert [finding.state for finding in findings] == [BAD, BAD, WARN]
    assert "1 of 1 clips could not be read whole" in findings[0].found
    assert "320x240" in findings[2].found
    assert "1.mp4" in findings[2].advice


def test_a_camera_out_of_focus_is_told(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for number in range(5):
        scene = cv2.resize(
            random.integers(0, 255, (9, 16, 3)).astype(np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC
        )
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.GaussianBlur(scene, (0, 0), 15))
    with FakeCamera(pictures=tmp_path, fps=10) as soft, FakeCamera(size="640x360", fps=10) as sharp:
        findings = found_of(soft.url, sharp.url)
    assert [finding.state for finding in findings] == [WARN, GOOD]
    assert "blurred" in findings[0].advice


def test_a_name_that_two_cameras_share_is_told(tmp_path: Path, plugged_in: Callable[[list[FoundCamera]], None]) -> None:
    for number in (0, 2):
        (tmp_path / f"video{number}").touch()
        (tmp_path / f"socket{number}").symlink_to(f"video{number}")
    (tmp_path / "name").symlink_to("video2")
    front, rear = (FoundCamera(n, str(tmp_path / f"socket{n}"), "Webcam", None, "They share a name.") for n in (0, 2))
    plugged_in([front, rear])
    settings = [{"name": name, "source": f"/dev/{name}"} for name in ("front", "rear", "again")]
    plans = doctor.camera_plans(Settings.model_validate({"cameras": settings}).cameras)
    where = {"front": front.path, "rear": str(tmp_path / "name"), "again": rear.path}
    plans = [replace(plan, spec=replace(plan.spec, where=where[plan.camera_id])) for plan in plans]
    findings = list(doctor._mixed_up(plans, [front, rear]))
    assert [(finding.state, finding.found) for finding in findings] == [
        (WARN, "rear: its name may lead to another camera"),
        (BAD, "rear and again are one and the same camera"),
    ]
    assert rear.path in findings[0].advice
