"""Fit what a Read's confidence is made of anew, after the OCR was replaced.

    python models/recipes/fit_confidence.py [CROPS] [--ocr MODEL.onnx] [--sequences 600]

Approaches of rendered plates, and of the held-out real crops where CROPS is given, are read as the product reads them.
On one half of the plates the constants TRUST of `patrol_anpr/reading/consensus.py` are fitted: on whole passes, on
passes that end early and on single frames, since all three get a confidence. On the other half the old and the new ones
are compared, and the passes' table is printed. Needs no torch.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_crops import load_crops
from rendered_plates import render

from patrol_anpr.commands.terminal import progress_bar
from patrol_anpr.domain.plate import Box
from patrol_anpr.domain.vrm import fold
from patrol_anpr.lab.accuracy import kept_at
from patrol_anpr.lab.approach import LEAST_LARGEST, Subject, corners_of, film, plan_approach
from patrol_anpr.lab.pass_accuracy import MeasuredPass, pass_table, read_pass
from patrol_anpr.reading import consensus
from patrol_anpr.reading.consensus import agree, evidence
from patrol_anpr.reading.ocr import make_ocr
from patrol_anpr.resources import MODELS
from patrol_anpr.vehicle.clock import SystemClock

_SEED = 20
_SURE = 0.9
_LITTLE = 1e-3  # of a penalty on large constants: keeps the fit finite where everything is right
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Trial:
    """A text that was read: its evidence (see `consensus.evidence`), and whether it is right."""

    evidence: tuple[float, float, float]
    is_right: bool


def rendered_subjects(count: int) -> Iterator[Subject]:
    """Yield `count` rendered UK plates, worn as the OCR's training shows them."""
    for number in range(count):
        plate = render(np.random.default_rng((_SEED, number)))
        yield Subject(plate.text, plate.pixels, plate.corners)


def real_subjects(crops: Path, count: int) -> list[Subject]:
    """Return `count` held-out crops labelled by people, the same crop several times where there are too few."""
    held_out = [crop for crop in load_crops(crops)[1] if not crop.by_machine]
    subjects = []
    for place in range(count):
        crop = held_out[place * len(held_out) // count]
        pixels = crop.pixels()
        subjects.append(Subject(crop.text, pixels, corners_of(Box(0, 0, pixels.shape[1], pixels.shape[0]))))
    return [subject for subject in subjects if subject.width >= LEAST_LARGEST]


def is_for_fitting(text: str) -> bool:
    """Tell on which half a plate falls, by its text, so that none is both fitted on and reported."""
    return sum(map(ord, fold(text))) % 2 == 0


def trials(passed: MeasuredPass, today: date, rng: np.random.Generator) -> list[Trial]:
    """Return the pass as a whole, a beginning of it, and one frame of it."""
    looks = passed.looks
    tried = [Trial(evidence(passed.said), passed.is_right)] if passed.said.chars else []
    if looks:
        one = int(rng.integers(len(looks)))
        for part in (looks[: int(rng.integers(1, len(looks) + 1))], looks[one : one + 1]):
            said = agree(part, today)
            if said.text:
                tried.append(Trial(evidence(said), fold(said.text) == fold(passed.truth)))
    return tried


def fitted(tried: Sequence[Trial]) -> tuple[float, float, float]:
    """Return the constants under which the trials are likeliest (logistic regression without an offset)."""
    known = np.array([one.evidence for one in tried])
    right = np.array([one.is_right for one in tried], float)
    trust = np.ones(3)
    for _ in range(_STEPS):
        said = _said(known, trust)
        slope = known.T @ (said - right) + _LITTLE * trust
        bend = (known * (said * (1 - said))[:, None]).T @ known + _LITTLE * np.eye(len(trust))
        trust = trust - np.linalg.solve(bend, slope)
    return float(trust[0]), float(trust[1]), float(trust[2])


def _said(known: NDArray[np.float64], trust: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(known @ trust, -30, 30))), np.float64)


def judged(tried: Sequence[Trial], trust: Sequence[float]) -> str:
    """Say what confidences made with `trust` are worth on these trials."""
    right = np.array([one.is_right for one in tried], float)
    said = np.clip(_said(np.array([one.evidence for one in tried]), np.array(trust)), 1e-3, 1 - 1e-3)
    loss = -(right * np.log(said) + (1 - right) * np.log(1 - said)).mean()
    sure = said >= _SURE
    of_those = f", {100 * right[sure].mean():.1f} % of them right" if sure.any() else ""
    kept = kept_at([(float(one), bool(two)) for one, two in zip(said, right, strict=True)], 0.99)
    return (
        f"log loss {loss:.4f}; {100 * (said.mean() - right.mean()):+.1f} points too sure; kept at 99 %:"
        f" {100 * kept:.1f} %; said 90 or more: {100 * sure.mean():.1f} %{of_those}"
    )


def main() -> None:
    """Read the approaches, fit on one half of the plates, report on the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=Path, nargs="?")
    parser.add_argument("--ocr", type=Path, default=MODELS / "plate_ocr_uk.onnx")
    parser.add_argument("--near", type=Path, default=MODELS / "plate_ocr_near.onnx")
    parser.add_argument("--sequences", type=int, default=600, help="approaches of rendered plates, and of real ones")
    given = parser.parse_args()
    config = MODELS / "plate_ocr_uk_config.yaml"
    ocr, clock = make_ocr(given.ocr, config, near=given.near, provider="cpu", threads=1), SystemClock()
    sources = {"rendered": list(rendered_subjects(given.sequences))}
    if given.crops is not None:
        sources["real, held out"] = real_subjects(given.crops, given.sequences)
    today, rng = clock.utc().date(), np.random.default_rng(_SEED)
    fitting: list[Trial] = []
    reporting: dict[str, list[MeasuredPass]] = {name: [] for name in sources}
    with progress_bar() as bar:
        for name, subjects in sources.items():
            for number, subject in enumerate(bar.track(subjects, description=name)):
                approach = plan_approach(np.random.default_rng((_SEED, number, 1)), subject.width)
                seen, by_night = film(subject, approach), approach.by_night
                passed = read_pass(subject.text, seen, ocr, clock, by_night=by_night, seed=approach.seed)
                if is_for_fitting(subject.text):
                    fitting += trials(passed, today, rng)
                else:
                    reporting[name].append(passed)
    trust = fitted(fitting)
    print(f"fitted on {len(fitting)} reads:  TRUST = ({trust[0]:.2f}, {trust[1]:.2f}, {trust[2]:.2f})")
    for name, measured in reporting.items():
        passes = [Trial(evidence(one.said), one.is_right) for one in measured if one.said.chars]
        every = [trial for one in measured for trial in trials(one, today, rng)]
        print(f"\n{pass_table(f'{name}, other half', measured)}")
        for title, tried in (("whole passes", passes), ("with short ones", every)):
            print(f"{title:<16} now    {judged(tried, consensus.TRUST)}")
            print(f"{'':<16} fitted {judged(tried, trust)}")


if __name__ == "__main__":
    main()
