"""Make the 8-bit form of an exported detector: whole numbers where they cost nothing, a third to a half less CPU time.

    python models/recipes/quantise_detector.py PICTURES [--source models/plate_detector.onnx] [--target OUT.onnx]

PICTURES is the folder of sets the detector was trained on: three hundred of them tell how large the numbers within the
network become. The convolutions and what lies between them go to 8 bits (weights a channel, activations a tensor); the
attention and the decoding of the boxes stay fp32, where a step of 1/256 would be pixels. A picture goes in as it comes
out of a camera, in bytes. The car measures both forms when it starts and takes the faster one
(patrol_anpr/reading/trial.py). Needs onnx; no torch.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from detection_scenes import find_scenes
from numpy.typing import NDArray
from rich.progress import track
from write_manifest import MODELS, Entry, enter

from patrol_anpr.reading.dataset import Sample
from patrol_anpr.reading.letterbox import Letterbox, floats

INPUT = (
    "images: 1 x height x width x 3 uint8, RGB, sides multiples of 32; "
    "out: N x 5 x anchors (centre x, centre y, width, height, score)"
)
LOOKED_AT = 300  # pictures; with 100 it hung on which, by eight boxes of 438
_SEED = 0


def looked_at(scenes: Sequence[Sample], input_size: int, count: int = LOOKED_AT) -> Iterator[NDArray[np.float32]]:
    """Yield `count` of the scenes as the detector gets them: 1 x 3 x height x width."""
    chosen = np.random.default_rng(_SEED).permutation(len(scenes))[:count]
    for at in track(chosen, "Pictures"):
        pixels = scenes[at].pixels()
        yield floats(Letterbox.fit(pixels.shape[1], pixels.shape[0], input_size).apply(pixels))


def stays_exact(model: Any) -> list[str]:
    """Return the names of the nodes that stay fp32: the attention's own arithmetic and the decoding of the boxes."""
    head = [node for node in model.graph.node if "/dfl/" in node.name]
    if not head:
        raise ValueError("The graph is not a YOLO11 as ultralytics exports it: it has no /dfl/ in its head.")
    prefix = head[0].name.split("/dfl/")[0] + "/"
    return [
        node.name
        for node in model.graph.node
        if (node.name.startswith(prefix) and not node.name.startswith(f"{prefix}cv"))
        or ("/attn/" in node.name and node.op_type != "Conv")
        or node.name.startswith("best/")
    ]


def quantise(source: Path, target: Path, views: Iterator[NDArray[np.float32]]) -> None:
    """Write `source` to `target` in 8 bits, by what passes through it when it looks at `views`.

    Raises:
        ValueError: `source` has not the form that is known here.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Views(CalibrationDataReader):  # type: ignore[misc]
        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            view = next(views, None)
            return None if view is None else {"images": view}

    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(target),
            Views(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=stays_exact(onnx.load(str(prepared))),
        )
    model = onnx.load(str(target))
    take_octets(model)
    onnx.save(model, str(target))


def take_octets(model: Any) -> None:
    """Have `model`, in 8 bits, take 1 x height x width x 3 bytes instead of 1 x 3 x height x width shares of 255.

    Raises:
        ValueError: it does not begin by making bytes of shares of 255.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    first = next(node for node in graph.node if graph.input[0].name in node.input)
    scale, zero = (numpy_helper.to_array(constants[name]) for name in first.input[1:3])
    if first.op_type != "QuantizeLinear" or not np.isclose(scale, 1 / 255) or zero:
        raise ValueError("The pictures looked at did not span black to white: the detector's input has another scale.")
    planes = helper.make_node("Transpose", [first.input[0]], [first.output[0]], "planes", perm=[0, 3, 1, 2])
    graph.node.insert(list(graph.node).index(first), planes)
    graph.node.remove(first)
    shape = [1, "height", "width", 3]
    graph.input[0].CopyFrom(helper.make_tensor_value_info(graph.input[0].name, TensorProto.UINT8, shape))


def main() -> None:
    """Quantise, then enter the file in the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--source", type=Path, default=MODELS / "plate_detector.onnx")
    parser.add_argument("--target", type=Path, default=MODELS / "plate_detector_int8.onnx")
    parser.add_argument("--size", type=int, default=640, help="px of the longer side: the size it will run at")
    parser.add_argument("--version")
    parser.add_argument("--provenance")
    given = parser.parse_args()
    quantise(given.source, given.target, looked_at(find_scenes(given.pictures).train, given.size))
    if given.version and given.provenance:
        entry = Entry("detector_int8", given.target, given.version, given.provenance, takes=INPUT)
        enter(given.target.parent / "manifest.json", entry)
    print(f"{given.target}: {given.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
