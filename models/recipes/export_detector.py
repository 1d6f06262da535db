"""Export a trained plate detector to ONNX with free height and width, and enter it in models/manifest.json.

    python models/recipes/export_detector.py WEIGHTS.pt --version 2 --provenance "what it was trained on, for how long"

Needs the `train` extra. Height and width stay free so that a 16:9 frame is letterboxed to 640x352 instead of 640x640.
To swap detectors, run this with the new weights, then measure (`patrol-anpr bench accuracy`) and enter the figures in
models/MODEL_CARD.md; nothing else names the file.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from best_anchors import decode_best
from write_manifest import MODELS, Entry, enter

import patrol_anpr  # noqa: F401 - before ultralytics: it switches telemetry off

KEPT_METADATA = {"names", "stride", "task", "imgsz", "license"}


def export(weights: Path, target: Path) -> None:
    """Write `weights` (ultralytics, one class) to `target` as fp32 ONNX: images 1 x 3 x H x W -> output0 1 x 5 x A.

    A is the number of anchors worth decoding (best_anchors.py).
    """
    import onnx
    import torchvision_stand_in  # noqa: F401  before ultralytics
    from ultralytics import YOLO

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(weights, Path(folder) / "plate_detector.pt"))
        made = YOLO(copy).export(format="onnx", dynamic=True, simplify=True, opset=17, device="cpu")
        model = onnx.load(made)
        decode_best(model)
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
        # The exporter writes dates and local paths into the metadata; they are not shipped.
        kept = {prop.key: prop.value for prop in model.metadata_props if prop.key in KEPT_METADATA}
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, kept | {"names": "{0: 'plate'}"})
        onnx.save(model, str(target))


def main() -> None:
    """Export, then enter the file in the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("--target", type=Path, default=MODELS / "plate_detector.onnx")
    parser.add_argument("--version", required=True)
    parser.add_argument("--provenance", required=True)
    parser.add_argument("--no-manifest", action="store_true", help="only write the file, to measure it first")
    given = parser.parse_args()
    export(given.weights, given.target)
    if not given.no_manifest:
        entry = Entry("detector", given.target, given.version, given.provenance)
        enter(given.target.parent / "manifest.json", entry)
    print(f"{given.target}: {given.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
