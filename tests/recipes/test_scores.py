"""How accuracy and trust are counted."""

import numpy as np
from calibrate import fitted_temperature, halves, softened, trust
from ocr_samples import ALPHABET, OcrSet, encoded
from ocr_scores import Score, is_no_worse, judged, score, table
from real_crops import RealCrop

from patrol_anpr.domain.vrm import fold


def said(text: str, confidence: float = 1.0) -> np.ndarray:
    """Each character with `confidence`, and surely nothing behind them."""
    slots, places = np.eye(len(ALPHABET), dtype=np.float32)[encoded(text)], np.arange(len(text))
    slots[places] = (1 - confidence) / (len(ALPHABET) - 1)
    slots[places, encoded(text)[places]] = confidence
    return slots


def test_o_and_0_count_as_one_and_the_weakest_character_speaks() -> None:
    weak = said("ABO1", 1.0)
    weak[2] = said("ABO1", 0.6)[2]
    (confidence, right), (_, wrong) = judged(np.stack([weak, said("AB02")]), ["AB0I", "AB03"])
    assert right
    assert not wrong
    assert np.isclose(confidence, 0.6)


def test_a_score_counts_the_sure_wrong_ones() -> None:
    chosen = OcrSet("made", np.zeros((4, 64, 128, 3), np.uint8), ("AB1", "AB2", "AB3", "AB4"), (80.0, 80.0, 80.0, 40.0))
    counted = score(
        chosen, lambda *_: np.stack([said("AB1"), said("AB9", 0.999), said("AB8", 0.9), said("AB9", 0.999)])
    )
    assert (counted.count, counted.wrong, counted.sure_wrong) == (4, 2, 1)  # the narrow one is not accepted
    assert np.isclose(counted.exact, 1 / 4)
    assert np.isclose(counted.kept, 1 / 4)
    assert "made" in table([("one", [counted]), ("other", [counted])])


def test_a_model_must_be_no_worse_on_any_set() -> None:
    before = [Score("a", 10, 0.5, 0.1, 0, 0), Score("b", 10, 0.9, 0.1, 0, 0)]
    assert is_no_worse(before, before)
    assert not is_no_worse(before, [Score("a", 10, 0.9, 0.1, 0, 0), Score("b", 10, 0.8, 0.1, 0, 0)])


def test_the_temperature_of_the_overconfident_is_found() -> None:
    rng = np.random.default_rng(0)
    texts = ["".join(ALPHABET[at] for at in rng.integers(36, size=10)) for _ in range(300)]
    logits = 3 * np.eye(len(ALPHABET))[np.stack([encoded(text) for text in texts])] + rng.gumbel(size=(300, 10, 37))
    honest = np.exp(3 * np.eye(len(ALPHABET))[logits.argmax(-1)])
    honest = (honest / honest.sum(-1, keepdims=True)).astype(np.float32)
    too_sure = softened(honest, 0.5)
    found = fitted_temperature(too_sure, texts)
    assert 1.7 < found < 2.4
    assert abs(trust(softened(too_sure, found), texts).excess) < abs(trust(too_sure, texts).excess)


def test_softening_changes_no_text() -> None:
    rng = np.random.default_rng(1)
    probabilities = rng.dirichlet(np.full(37, 0.1), (20, 10)).astype(np.float32)
    assert np.array_equal(softened(probabilities, 2.5).argmax(-1), probabilities.argmax(-1))
    assert np.allclose(softened(probabilities, 1.0), probabilities, atol=1e-4)


def test_no_plate_is_fitted_on_and_reported(tmp_path) -> None:
    crops = [RealCrop(tmp_path / f"{at}.jpg", f"A{'O0'[at % 2]}{at // 2:02d}", by_machine=False) for at in range(40)]
    one, other = halves(crops)
    assert len(one) == len(other) == 20
    assert not {fold(crop.text) for crop in one} & {fold(crop.text) for crop in other}
