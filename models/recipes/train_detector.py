"""Fine-tune the plate detector (YOLO11n, one class) on road pictures, part of them with rendered UK plates pasted in.

    python models/recipes/train_detector.py START.pt PICTURES OUTPUT --minutes 60 --size 640 [--device cuda] [--resume]

START.pt is an ultralytics file: COCO weights or an earlier detector; the warm start decides. OUTPUT gets the pasted
pictures (`pasted/`: made of real ones, so personal data), and the run (`run/weights/last.pt`, written each epoch, and
`best.pt`). --resume goes on from last.pt until --minutes have been trained in all. Nothing in models/ is touched:
measure with `patrol-anpr bench accuracy`, then export and enter the file with export_detector.py.
"""

import argparse
import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
from detection_scenes import find_scenes, write_pasted
from label_completion import completed, open_agreeing
from rich.progress import track

import patrol_anpr  # noqa: F401 - before ultralytics: it switches telemetry off

Callback = Callable[[Any], None]

PREPARED = "pictures.yaml"  # in the output folder, once all pictures and lists are written


def prepare(
    pictures: Path, described: Path, *, pasted_share: float, hold_out: list[str], agreeing: Sequence[Path] = ()
) -> None:
    """Write the completed and the pasted pictures, the lists ultralytics reads and, last, its data file `described`."""
    output = described.parent
    scenes = find_scenes(pictures, hold_out)
    labelled = list(scenes.train)
    if agreeing:
        detectors = [open_agreeing(path) for path in agreeing]
        labelled = list(completed(track(scenes.train, "completing labels"), detectors, output / "completed"))
    pasted = write_pasted(labelled, output / "pasted", share=pasted_share)
    train = [one.path for one in labelled] + pasted
    validation = [one.path for one in scenes.validation]
    boxes = [sum(len(one.boxes or ()) for one in each) for each in (scenes.train, labelled)]
    print(
        f"{len(labelled)} pictures to train on with {boxes[1]} plates ({boxes[1] - boxes[0]} of them added), "
        f"{len(pasted)} with pasted plates, {len(validation)} to validate"
    )
    for name, paths in (("train", train), ("validation", validation)):
        (output / f"{name}.txt").write_text("".join(f"{path.resolve()}\n" for path in paths), encoding="utf-8")
    described.write_text(
        f"path: {output.resolve()}\ntrain: train.txt\nval: validation.txt\nnames: {{0: plate}}\n", encoding="utf-8"
    )


def seconds_trained(run: Path) -> float:
    """Return how long an interrupted run had trained, by its results.csv; 0 before its first epoch ended."""
    results = run / "results.csv"
    if not results.is_file():
        return 0.0
    with results.open(newline="", encoding="utf-8") as opened:
        return max((float(row["time"]) for row in csv.DictReader(opened, skipinitialspace=True)), default=0.0)


def count_on(earlier: float) -> dict[str, Callback]:
    """Make ultralytics' clock count what was trained before a resume: left alone it ends such a run too early.

    Returns the callbacks to add to the model.
    """

    def shift(trainer: Any) -> None:
        trainer.train_time_start -= earlier

    def count_from_the_first(trainer: Any) -> None:
        trainer.start_epoch = 0  # only the mean time of an epoch is taken from it, once training runs

    return {"on_train_start": shift, "on_train_epoch_start": count_from_the_first}


def quicken_on_cpu(threads: int) -> dict[str, Callback]:
    """Make ultralytics train in bf16 and channels_last on a CPU: twice to three times as fast as its own way.

    The forward pass runs in bf16, the loss in fp32. Returns the callbacks to add to the model.
    """
    import torch
    from torch.utils._pytree import tree_map
    from ultralytics.nn.tasks import DetectionModel

    def widened(value: Any) -> Any:
        return value.float() if torch.is_tensor(value) and value.is_floating_point() else value

    def loss(self: Any, batch: dict[str, Any], preds: Any = None) -> Any:
        if getattr(self, "criterion", None) is None:
            self.criterion = self.init_criterion()
        if preds is None:
            with torch.autocast("cpu", torch.bfloat16):
                preds = self.forward(batch["img"].contiguous(memory_format=torch.channels_last))
        return self.criterion(tree_map(widened, preds), batch)

    def lay_out(trainer: Any) -> None:
        trainer.model.to(memory_format=torch.channels_last)
        torch.set_num_threads(threads)  # ultralytics sets its own number before

    DetectionModel.loss = loss
    return {"on_train_start": lay_out}


def settings(given: argparse.Namespace, described: Path) -> dict[str, Any]:
    """Return ultralytics' settings; the reasons stand beside those that differ from its own."""
    on_cpu = given.device == "cpu"
    return {
        "data": str(described),
        "imgsz": given.size,
        "batch": given.batch,
        "time": given.minutes / 60,
        "device": given.device,
        "project": str(given.output.resolve()),
        "name": "run",
        "exist_ok": True,
        "workers": 0 if on_cpu else 8,  # on two cores, processes that load pictures only take time from training
        "cache": "ram",
        "amp": not on_cpu,
        "single_cls": True,
        "optimizer": "AdamW",
        "lr0": given.rate,
        "lrf": 0.02,
        "cos_lr": True,
        "weight_decay": 5e-4,
        "warmup_epochs": 1,
        "mosaic": 0.7,
        "close_mosaic": 5,
        "scale": given.scale,  # a plate must have been seen as small as the size it runs at makes it
        "translate": 0.15,
        "degrees": 4,
        "shear": 2,
        "perspective": 0.0003,
        "fliplr": 0.0,  # mirrored plates do not exist
        "hsv_v": 0.5,
        "hsv_s": 0.6,
        "patience": 0,
        "plots": False,
        "seed": 0,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("start", type=Path, help="ultralytics weights to start from")
    parser.add_argument("pictures", type=Path, help="folder of sets, each with images/train and labels/train")
    parser.add_argument("output", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--size", type=int, default=640, help="px of the longer side: the size it will run at")
    parser.add_argument("--scale", type=float, default=0.6, help="pictures are shrunk and enlarged by up to this share")
    parser.add_argument("--pasted-share", type=float, default=0.4, help="share of the pictures copied with UK plates")
    parser.add_argument(
        "--agreeing",
        action="append",
        default=[],
        type=Path,
        metavar="DETECTOR.onnx",
        help="give two: plates that all of them find and nobody labelled are labelled",
    )
    parser.add_argument("--hold-out", action="append", default=[], metavar="DRIVE", help="beginning of a drive's names")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2, help="1 where anything else runs: contended threads crawl")
    parser.add_argument("--device", default="cpu", help="cpu, 0, 1 ...")
    parser.add_argument("--resume", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Train as the command line says."""
    given = _arguments()
    given.output.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    described = given.output / PREPARED
    if not (given.resume and described.is_file()):
        prepare(
            given.pictures,
            described,
            pasted_share=given.pasted_share,
            hold_out=given.hold_out,
            agreeing=given.agreeing,
        )

    import torchvision_stand_in  # noqa: F401  before ultralytics
    from ultralytics import YOLO

    last = given.output / "run" / "weights" / "last.pt"
    model = YOLO(str(last if given.resume else given.start))
    callbacks = [quicken_on_cpu(given.threads)] if given.device == "cpu" else []
    if given.resume:
        callbacks.append(count_on(seconds_trained(given.output / "run")))
    for moment, call in (pair for each in callbacks for pair in each.items()):
        model.add_callback(moment, call)
    model.train(resume=given.resume, **settings(given, described))
    print(f"written: {last.parent / 'best.pt'}")


if __name__ == "__main__":
    main()
