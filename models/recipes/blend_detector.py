"""Average two detectors of one family: what was learned anew without losing what was known.

    python models/recipes/blend_detector.py FIRST.pt SECOND.pt TARGET.pt --share 0.5

TARGET holds `share` of the second and the rest of the first; SECOND must have been trained on from FIRST. A run on new
pictures forgets some of the old ones; the mean of both was better than either (models/MODEL_CARD.md). Its scores lie
higher, so choose the threshold anew. Then export, and compare all three. Needs the `train` extra.
"""

import argparse
from pathlib import Path
from typing import Any


def blend(first: Path, second: Path, target: Path, share: float) -> None:
    """Write `second` to `target` with each weight moved back towards `first`; ValueError when they do not match."""
    import torch
    import torchvision_stand_in  # noqa: F401  before ultralytics is unpickled

    files = [torch.load(path, map_location="cpu", weights_only=False) for path in (first, second)]
    old, new = (_network(each).float() for each in files)
    known, learned = old.state_dict(), new.state_dict()
    if {name: each.shape for name, each in known.items()} != {name: each.shape for name, each in learned.items()}:
        raise ValueError(f"{first.name} and {second.name} are not of one family.")
    for name, each in learned.items():
        if each.is_floating_point():
            each.copy_(torch.lerp(known[name], each, share))
    files[1] |= {"model": new.half(), "ema": None}
    torch.save(files[1], target)


def _network(file: dict[str, Any]) -> Any:
    return file.get("ema") or file["model"]


def main() -> None:
    """Blend two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--share", type=float, required=True, help="of the second, 0 to 1")
    given = parser.parse_args()
    blend(given.first, given.second, given.target, given.share)


if __name__ == "__main__":
    main()
