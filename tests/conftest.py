"""Shared: a Clock that moves when told, where the real pictures are (not part of the project), the shipped models."""

import os
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest

from patrol_anpr.reading.detector import PlateDetector, make_detector
from patrol_anpr.reading.models import find_models
from patrol_anpr.reading.ocr import PlateOcr, make_ocr

# A deadline an example measures the machine, which others may be using; tests that bound a time do so themselves.
hypothesis.settings.register_profile("patrol", deadline=None)
hypothesis.settings.load_profile("patrol")

SHIPPED = Path(__file__).resolve().parents[1] / "models"


@dataclass
class FakeClock:
    """A Clock that stands still until `advance`."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 21, 43, tzinfo=UTC))
    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures; the test is skipped where it is not given."""
    folder = os.environ.get("PATROL_ANPR_SHARED")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs real pictures: set PATROL_ANPR_SHARED to their folder")
    return Path(folder)


@pytest.fixture(autouse=True)
def no_settings_of_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings file that a developer keeps for themselves is nothing to the tests."""
    monkeypatch.setattr("patrol_anpr.commands.loading.SETTINGS_FILE", tmp_path / "settings.toml")


@dataclass(frozen=True)
class Shipped:
    """The files of the models delivered."""

    detector: Path
    detector_int8: Path
    ocr: Path
    ocr_near: Path
    ocr_config: Path


@pytest.fixture(scope="session")
def models() -> Shipped:
    files = find_models(SHIPPED).files
    return Shipped(**{one.name: files[one.name] for one in fields(Shipped)})


@pytest.fixture(scope="session")
def detector(models: Shipped) -> PlateDetector:
    return make_detector(models.detector, provider="cpu", threads=1, input_size=640, threshold=0.35)


@pytest.fixture(scope="session")
def ocr(models: Shipped) -> PlateOcr:
    return make_ocr(models.ocr, models.ocr_config, near=models.ocr_near, provider="cpu", threads=1)
