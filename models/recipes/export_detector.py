"""Export a trained plate detector to ONNX with free height and width, and enter it in models/manifest.json.

    python models/recipes/export_detector.py WEIGHTS.pt --version 2 --provenance "what it was trained on, for how long"

Needs the `train` extra. Height and width stay free so that a 16:9 frame is letterboxed to 640x384 instead of 640x640.
To swap detectors, run this with the new weights, then measure (`patrol-anpr bench accuracy`) and enter the figures in
models/MODEL_CARD.md; nothing else names the file.
"""

import argparse
import contextlib
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1]
KEPT_METADATA = {"names", "stride", "task", "imgsz", "license"}


def export(weights: Path, target: Path) -> None:
    """Write `weights` (ultralytics, one class) to `target` as fp32 ONNX: images N x 3 x H x W -> output0 N x 5 x A."""
    with contextlib.suppress(ImportError):
        import torchvision_shim  # noqa: F401  only where torchvision's own operators cannot load (design: CPU wheels)
    import onnx
    from ultralytics import YOLO

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(weights, Path(folder) / "plate_detector.pt"))
        made = YOLO(copy).export(format="onnx", dynamic=True, simplify=True, opset=17, device="cpu")
        model = onnx.load(made)
        # The exporter writes dates and local paths into the metadata; they are not shipped.
        kept = {prop.key: prop.value for prop in model.metadata_props if prop.key in KEPT_METADATA}
        del model.metadata_props[:]
        onnx.helper.set_model_props(model, kept | {"names": "{0: 'plate'}"})
        onnx.save(model, str(target))


def enter(manifest: Path, target: Path, *, version: str, provenance: str) -> None:
    """Replace the detector's sha256, size, version and provenance in `manifest`."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    entry = next(one for one in content["models"] if one["role"] == "detector")
    payload = target.read_bytes()
    entry |= {
        "file": target.name,
        "sha256": hashlib.sha256(payload).hexdigest(),
        "size": len(payload),
        "version": version,
        "provenance": provenance,
    }
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


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
        enter(given.target.parent / "manifest.json", given.target, version=given.version, provenance=given.provenance)
    print(f"{given.target}: {given.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
