"""Two networks of one family are averaged weight by weight; others are refused."""

from pathlib import Path

import numpy as np
import pytest
from blend_ocr import SHARES, best_share, blend, losses, scored_blends
from calibrate import HEAD, write_softened
from ocr_scores import Score

onnx = pytest.importorskip("onnx", reason="models are only written in training: needs the `train` extra")


def network(path: Path, level: float, names: tuple[str, ...] = HEAD, size: int = 3) -> Path:
    weights = [onnx.numpy_helper.from_array(np.full(size, level, np.float32), name) for name in names]
    steps = [onnx.numpy_helper.from_array(np.array([7], np.int64), "steps")]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([], "made", [], [], weights + steps)), str(path))
    return path


def values(path: Path) -> dict[str, list[float]]:
    return {one.name: onnx.numpy_helper.to_array(one).tolist() for one in onnx.load(str(path)).graph.initializer}


def test_weights_are_mixed_by_the_share_and_the_rest_stays(tmp_path: Path) -> None:
    blend(network(tmp_path / "a", 1.0), [network(tmp_path / "b", 3.0)], tmp_path / "c", 0.25)
    assert values(tmp_path / "c") == {HEAD[0]: [1.5] * 3, HEAD[1]: [1.5] * 3, "steps": [7]}


def test_a_single_number_is_the_same_weight_with_and_without_an_axis(tmp_path: Path) -> None:
    first, second = network(tmp_path / "a", 1.0, size=1), network(tmp_path / "b", 3.0, size=1)
    model = onnx.load(str(second))
    for initialiser in model.graph.initializer:
        if initialiser.data_type == onnx.TensorProto.FLOAT:
            del initialiser.dims[:]  # fast-plate-ocr's own files write a scale as a scalar, ours as one row
    onnx.save(model, str(second))
    blend(first, [second], tmp_path / "c", 0.5)
    assert values(tmp_path / "c")[HEAD[0]] == [2.0]


def test_networks_of_two_shapes_are_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the same network"):
        blend(network(tmp_path / "a", 1.0), [network(tmp_path / "b", 3.0, size=4)], tmp_path / "c", 0.5)


def test_of_several_origins_the_mean_is_taken(tmp_path: Path) -> None:
    origins = [network(tmp_path / name, level) for name, level in (("b", 3.0), ("c", 5.0))]
    blend(network(tmp_path / "a", 1.0), origins, tmp_path / "d", 0.5)
    assert values(tmp_path / "d")[HEAD[0]] == [2.5] * 3


def test_a_temperature_divides_the_head_alone(tmp_path: Path) -> None:
    write_softened(network(tmp_path / "a", 3.0, (*HEAD, "other")), tmp_path / "b", 1.5)
    assert values(tmp_path / "b") == {HEAD[0]: [2.0] * 3, HEAD[1]: [2.0] * 3, "other": [3.0] * 3, "steps": [7]}


def test_a_model_without_the_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no plate head"):
        write_softened(network(tmp_path / "a", 3.0, ("other",)), tmp_path / "b", 1.5)


def read(*exact: float) -> list[Score]:
    return [Score("made", 100, each, 0.0, 0, 0) for each in exact]


def test_the_share_that_reads_most_is_chosen_of_those_that_lost_nothing() -> None:
    blends = [(0.2, read(0.9, 0.6)), (0.5, read(0.9, 0.7)), (1.0, read(0.8, 0.95))]
    assert best_share(read(0.9, 0.5), blends) == 0.5
    assert best_share(read(0.905, 0.5), blends) == 0.5  # half a plate in a hundred is chance
    assert best_share(read(0.95, 0.5), blends) is None


def test_a_share_that_keeps_fewer_near_crops_is_not_chosen() -> None:
    before = [Score("both", 100, 0.9, 0.92, 0, 0)]
    blends = [
        (share, [Score("both", 100, exact, kept, 0, 0)])
        for share, exact, kept in ((0.2, 0.93, 0.8), (0.4, 0.91, 0.915))
    ]
    assert best_share(before, blends) == 0.4


def test_what_forbids_a_share_is_said() -> None:
    before = [Score("far", 100, 0.9, 0.5, 0, 0), Score("both", 100, 0.9, 0.9, 0, 0)]
    after = [Score("far", 100, 0.85, 0.0, 0, 0), Score("both", 100, 0.9, 0.85, 0, 0)]
    assert losses(before, after) == ["far 90.0 -> 85.0 %", "both kept 90.0 -> 85.0 %"]
    assert losses(before, before) == []


def test_where_every_blend_loses_the_one_origin_is_kept(tmp_path: Path) -> None:
    """Else the whole command fails after hours, because the training brought nothing."""

    def measured(model: Path) -> list[Score]:
        return read(0.9 if values(model)[HEAD[0]] == [3.0] * 3 else 0.5)

    trained, origin = network(tmp_path / "a", 1.0), network(tmp_path / "b", 3.0)
    before = measured(origin)
    share = best_share(before, scored_blends(trained, [origin], measured, before))
    assert share == SHARES[-1] == 1.0
