"""The whole way of each model is one command: every step it names exists, and takes the options it is given."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from write_manifest import MODELS

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs GNU make, as the training does")

ROOT = MODELS.parent
RUN = ["train_ocr", "blend_ocr", "train_ocr"]  # trained, moved half-way back, trained gently
OCR_STEPS = [*RUN, *RUN, "blend_ocr", "train_ocr", "blend_ocr", "blend_ocr"]  # their mean; the near one; the choice


def steps(*goal: str) -> list[str]:
    """What would be run, one command a line."""
    planned = subprocess.run(
        ["make", "-n", "-f", "models/recipes/Makefile", *goal], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return planned.stdout.replace("\\\n", " ").splitlines()


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (
            ["ocr", "CROPS=/crops", "ALSO=/a /b", "OTHERS=/o", "ORIGINS=o.onnx p.onnx", "TEACHERS=a.onnx b.onnx"],
            [*OCR_STEPS, "ocr_scores", "fit_confidence"],
        ),
        (["ship-ocr", "CROPS=/crops", "VERSION=9"], [*OCR_STEPS, *["write_manifest"] * 2]),
        (
            ["detector", "PICTURES=/p", "START=s.pt", "HOLD_OUT=one two", "AGREEING=a.onnx b.onnx"],
            ["train_detector", "blend_detector", "export_detector", "quantise_detector"],
        ),
    ],
    ids=["ocr", "ship-ocr", "detector"],
)
def test_every_step_is_a_recipe_that_takes_these_options(goal: list[str], expected: list[str], tmp_path: Path) -> None:
    commands = [line for line in steps(*goal, f"OUT={tmp_path}") if "models/recipes/" in line]
    named = [match[1] for line in commands if (match := re.search(r"recipes/(\w+)\.py", line))]
    assert [name for name in named if name in expected] == expected
    for name, line in zip(named, commands, strict=True):
        source = (MODELS / "recipes" / f"{name}.py").read_text(encoding="utf-8")
        for option in re.findall(r" (--[a-z-]+)", line):
            assert f'"{option}"' in source, f"{name} has no {option}"


def test_training_goes_on_where_it_stopped_and_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    for which in ("near", "ocr/1", "ocr/2", "settled/1", "settled/2"):
        (tmp_path / which).mkdir(parents=True)
        (tmp_path / which / "checkpoint.pt").touch()
        assert "--resume" in " ".join(steps("ocr", "CROPS=/crops", f"OUT={tmp_path}"))
        for made in ("trained", "half.onnx"):
            (tmp_path / which / made).touch()
    assert "train_ocr" not in " ".join(steps("ocr", "CROPS=/crops", f"OUT={tmp_path}"))


def test_a_step_that_fails_leaves_no_result(tmp_path: Path) -> None:
    for which in ("near", "ocr", "settled"):
        (tmp_path / which).mkdir()
        for made in ("trained", "half.onnx", "mean.onnx", "blend.onnx"):
            (tmp_path / which / made).touch()
    goal = [f"{tmp_path}/ocr/scores.txt", f"OUT={tmp_path}", "CROPS=/nowhere", f"PYTHON={sys.executable}"]
    command = ["make", "-f", "models/recipes/Makefile", *goal]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert not (tmp_path / "ocr" / "scores.txt").exists()
