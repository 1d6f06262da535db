"""The shipped models, opened once."""

from pathlib import Path

import pytest

from patrol_anpr.reading.detector import PlateDetector, make_detector
from patrol_anpr.reading.models import ModelSet, verify_models
from patrol_anpr.reading.ocr import PlateOcr, make_ocr

SHIPPED = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="session")
def models() -> ModelSet:
    return verify_models(SHIPPED)


@pytest.fixture(scope="session")
def detector(models: ModelSet) -> PlateDetector:
    return make_detector(models.detector, provider="cpu", threads=1, input_size=640, threshold=0.35)


@pytest.fixture(scope="session")
def ocr(models: ModelSet) -> PlateOcr:
    return make_ocr(models.ocr, models.ocr_config, near=models.ocr_near, provider="cpu", threads=1)
