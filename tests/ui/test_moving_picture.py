"""The README's moving picture: one command makes it, small enough for a page."""

from pathlib import Path

import cv2
import pytest

from patrol_anpr.lab.moving_picture import save_moving_picture

pytestmark = pytest.mark.usefixtures("app")


def test_a_hit_from_tone_to_closed_card(tmp_path: Path) -> None:
    file = save_moving_picture(tmp_path / "hit.png")
    read, animation = cv2.imreadanimation(str(file))
    assert read
    assert file.stat().st_size < 3_000_000
    first, last, card = animation.frames[0], animation.frames[-1], animation.frames[6]
    assert 4_000 < sum(animation.durations) < 20_000
    tile = (slice(100, 400), slice(20, 500))  # where the card comes, and is gone again
    assert abs(first[tile].astype(int) - last[tile]).mean() < 1
    assert abs(first[tile].astype(int) - card[tile]).mean() > 10
