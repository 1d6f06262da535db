"""Fine-tune the plate OCR on real crops and rendered UK plates; can be stopped and resumed at any time.

    python models/recipes/train_ocr.py CROPS OUTPUT --minutes 60 [--threads 2] [--device cuda --workers 8] [--resume]

OUTPUT gets checkpoint.pt, log.txt and plate_ocr_uk.onnx: the running mean of the weights, in the graph that was started
from, so that fast-plate-ocr loads it. Accuracy on held-out crops is logged before, during and after. Nothing in models/
is touched: compare with ocr_scores.py, calibrate with calibrate.py, then enter the file with write_manifest.py.
"""

import argparse
import copy
import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from ocr_network import PlateOcrNetwork, write_back
from ocr_samples import RENDERED, Distance, Mixture, OcrSet, pick_distance, pick_near, validation_sets, view_of
from ocr_scores import Probabilities, Score, is_no_worse, judged, once, onnx_reader, score_all, table
from real_crops import RealCrop, load_crops
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

MODELS = Path(__file__).resolve().parents[1]
START = MODELS / "plate_ocr_uk.onnx"
UNITED_KINGDOM = 63  # its place in plate_regions of models/plate_ocr_uk_config.yaml
_WARM_UP = 60  # steps
_LEAST_RATE = 0.02  # of the highest, at the end
_TEACHER_WEIGHT, _REGION_WEIGHT = (
    1.0,
    0.05,
)  # at a quarter of the first, one plate in forty of other countries was forgotten
_MOST_GRADIENT = 1.0
_CONTRADICTED = 0.8  # confidence of the weakest character
_LONGEST_MEMORY = 0.998  # of the running mean, a step

log = logging.getLogger("train_ocr")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: what the command line says."""

    output: Path
    start: Path
    seconds: float
    rate: float
    batch: int
    device: str
    bf16: bool
    checkpoint_every: float
    score_every: float


class Batches(IterableDataset):  # type: ignore[type-arg]
    """A Mixture for each worker, each with its own generator, never the same again after a resume."""

    def __init__(
        self, crops: Sequence[RealCrop], size: int, seed: tuple[int, ...], pool: int, distance: Distance
    ) -> None:
        super().__init__()
        self._crops, self._size, self._seed, self._pool, self._distance = crops, size, seed, pool, distance

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]]:
        """Yield batches without end."""
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        rng = np.random.default_rng((*self._seed, worker.id if worker else 0))
        mixture = Mixture(self._crops, rng, pool=self._pool, distance=self._distance)
        while True:
            yield mixture.batch(self._size)


class Training:
    """The network, the running mean of its weights, its optimiser, and how long they have been at it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.network = PlateOcrNetwork(plan.start).to(plan.device)
        self.mean = copy.deepcopy(self.network).requires_grad_(requires_grad=False)
        matrices = [one for one in self.network.parameters() if one.ndim > 1]
        vectors = [one for one in self.network.parameters() if one.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": 1e-3}, {"params": vectors, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.99))
        self.step = 0
        self.trained = 0.0  # seconds

    def save(self) -> None:
        """Write the checkpoint and the ONNX file, each beside and then into place: a cut leaves the last one whole."""
        state = {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "trained": self.trained,
        }
        beside = self.plan.output / "checkpoint.part"
        torch.save(state, beside)
        beside.replace(self.plan.output / "checkpoint.pt")
        beside = self.plan.output / "export.part"
        write_back(self.mean, self.plan.start, beside)
        beside.replace(self.plan.output / "plate_ocr_uk.onnx")

    def load(self) -> None:
        """Take up the checkpoint of an earlier run.

        Raises:
            FileNotFoundError: there is none.
        """
        state = torch.load(self.plan.output / "checkpoint.pt", map_location=self.plan.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.trained = state["step"], state["trained"]

    def learn(self, views: Tensor, slots: Tensor, origin: Tensor, taught: tuple[Tensor, Tensor]) -> tuple[float, float]:
        """Take one step; return the loss on the text and on the teacher.

        `origin` tells which real crop each view is, if any; `taught` is what the teachers said of these when clean.
        """
        wanted, british = origin >= 0, origin == RENDERED
        self._set_rate()
        with torch.autocast(self.plan.device.split(":")[0], torch.bfloat16, enabled=self.plan.bf16):
            plate, region = self.network(views)
        plate, region = plate.float().log_softmax(-1), region.float().log_softmax(-1)
        text = functional.nll_loss(plate.flatten(0, 1), slots.flatten())
        teacher = functional.kl_div(plate[wanted], taught[0], reduction="none").sum(-1).mean()
        issuer = functional.kl_div(region[wanted], taught[1], reduction="batchmean")
        issuer = issuer - region[british][:, UNITED_KINGDOM].mean()
        loss = text + _TEACHER_WEIGHT * teacher + _REGION_WEIGHT * issuer
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _MOST_GRADIENT)
        self.optimiser.step()
        self.step += 1
        memory = min(_LONGEST_MEMORY, self.step / (self.step + 20))
        torch._foreach_lerp_(list(self.mean.parameters()), list(self.network.parameters()), 1 - memory)
        return text.item(), teacher.item()

    def _set_rate(self) -> None:
        """Warm up, then fall along a cosine over the time given, so that a slow machine ends its curve too."""
        share = min(1.0, self.trained / self.plan.seconds)
        fall = _LEAST_RATE + (1 - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * share))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * min(1.0, (self.step + 1) / _WARM_UP) * fall


def torch_reader(network: PlateOcrNetwork, device: str) -> Probabilities:
    """Read with a network as ocr_scores reads with a file."""

    @torch.no_grad()
    def probabilities(views: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = torch.from_numpy(views).split(64)
        return torch.cat([network(part.to(device))[0].softmax(-1).cpu() for part in parts]).numpy()

    return probabilities


@torch.no_grad()
def teacher_of(teachers: Sequence[Path], crops: Sequence[RealCrop], device: str) -> tuple[Tensor, Tensor]:
    """Return what the teachers say of the clean crops, on average: it keeps the many countries they can read."""
    views = torch.from_numpy(np.stack([view_of(crop.pixels()) for crop in crops]))
    plates, regions = [], []
    for network in (PlateOcrNetwork(teacher).to(device) for teacher in teachers):
        said = [network(part.to(device)) for part in views.split(64)]
        plates.append(torch.cat([plate.softmax(-1) for plate, _ in said]))
        regions.append(torch.cat([region.softmax(-1) for _, region in said]))
    return torch.stack(plates).mean(0), torch.stack(regions).mean(0)


def without_contradicted(crops: Sequence[RealCrop], read: Probabilities) -> list[RealCrop]:
    """Leave out the crops labelled by people of which the starting weights are sure that something else stands there.

    They were looked at: about two in three of these labels are wrong, and one wrong label costs more than the right
    one brings. (O and 0, I and 1 count as one.)
    """
    views = np.stack([view_of(crop.pixels()) for crop in crops])
    kept = []
    for crop, (confidence, right) in zip(crops, judged(read(views), [one.text for one in crops]), strict=True):
        if crop.by_machine or right or confidence < _CONTRADICTED:
            kept.append(crop)
    return kept


def train(training: Training, batches: DataLoader, teacher: tuple[Tensor, Tensor], sets: Sequence[OcrSet]) -> None:  # type: ignore[type-arg]
    """Train until the time is over, saving and scoring on the way."""
    plan = training.plan
    saved = scored = training.trained
    losses: list[tuple[float, float]] = []
    last = time.monotonic()
    for views, slots, drawn in batches:
        origin = drawn.to(plan.device)
        known = origin[origin >= 0]
        taught = (teacher[0][known], teacher[1][known])
        losses.append(training.learn(views.to(plan.device), slots.to(plan.device), origin, taught))
        now = time.monotonic()
        training.trained, last = training.trained + now - last, now
        if len(losses) == 100:
            text, taught_loss = np.mean(losses, axis=0)
            rate = training.optimiser.param_groups[0]["lr"]
            minutes = training.trained / 60
            log.info(
                "%.1f min, step %d, rate %.1e, text %.4f, teacher %.4f", minutes, training.step, rate, text, taught_loss
            )
            losses.clear()
        if training.trained - saved >= plan.checkpoint_every:
            training.save()
            saved = training.trained
        if training.trained - scored >= plan.score_every:
            tell_scores(
                f"after {training.trained / 60:.1f} min",
                score_all(once(torch_reader(training.mean, plan.device)), sets),
            )
            scored, last = training.trained, time.monotonic()  # measuring is not training
        if training.trained >= plan.seconds:
            break
    training.save()


def tell_scores(title: str, scores: Sequence[Score]) -> None:
    """Log a table of scores."""
    log.info("accuracy %s\n%s", title, table([(title, scores)]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=Path, help="folder with labels.csv and the real crops")
    parser.add_argument("output", type=Path)
    parser.add_argument("--also", type=Path, action="append", default=[], help="further folder of crops, to train on")
    parser.add_argument("--share-also", type=int, default=3, help="how often each of those counts")
    parser.add_argument("--near", action="store_true", help="train on near plates alone: the OCR for near plates")
    parser.add_argument("--start", type=Path, default=START, help="ONNX file to start from")
    parser.add_argument("--teacher", type=Path, action="append", help="ONNX file, any number of them; else --start")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2, help="1 where anything else runs: contended threads crawl")
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that make batches; 0 makes them between steps"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 ...")
    parser.add_argument("--fp32", action="store_true", help="no bfloat16, for CPUs that are slow at it")
    parser.add_argument("--pool", type=int, default=1200, help="rendered plates kept by each worker")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    parser.add_argument("--score-minutes", type=float, default=10)
    parser.add_argument("--resume", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Train as the command line says, and say how it compares with where it started."""
    given = _arguments()
    given.output.mkdir(parents=True, exist_ok=True)
    outlets = [logging.StreamHandler(), logging.FileHandler(given.output / "log.txt", encoding="utf-8")]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=outlets)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    plan = Plan(
        output=given.output,
        start=given.start,
        seconds=60 * given.minutes,
        rate=given.rate,
        batch=given.batch,
        device=given.device,
        bf16=not given.fp32,
        checkpoint_every=60 * given.checkpoint_minutes,
        score_every=60 * given.score_minutes,
    )
    training = Training(plan)
    if given.resume:
        training.load()
    crops, held_out = load_crops(given.crops)
    for folder in given.also:
        crops += given.share_also * load_crops(folder)[0]
    sets, start = validation_sets(held_out), onnx_reader(plan.start)
    trusted = without_contradicted(crops, start)
    log.info("%d crops to train on, %d held out, step %d", len(trusted), len(held_out), training.step)
    log.info("%d left out: their label is doubtful", len(crops) - len(trusted))
    crops = trusted
    before = score_all(once(start), sets)
    tell_scores("before", before)
    teacher = teacher_of(given.teacher or [plan.start], crops, plan.device)
    distance = pick_near if given.near else pick_distance
    batches = Batches(crops, plan.batch, (given.seed, training.step), given.pool, distance)
    # Spawned, not forked: a fork of a process whose inference threads have run can stand still for ever.
    context = "spawn" if given.workers else None
    loader = DataLoader(batches, batch_size=None, num_workers=given.workers, multiprocessing_context=context)
    train(training, loader, teacher, sets)
    after = score_all(once(onnx_reader(plan.output / "plate_ocr_uk.onnx")), sets)
    log.info("before and after\n%s", table([("before", before), ("after", after)]))
    log.info("no worse on any set: %s", "yes" if is_no_worse(before, after) else "no")


if __name__ == "__main__":
    main()
