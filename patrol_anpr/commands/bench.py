"""`patrol-anpr bench`: figures of this machine and of the reader, each printed by the command that measures it."""

import statistics
from pathlib import Path

import numpy as np
import typer

from patrol_anpr.commands.terminal import progress_bar
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.lab.accuracy import measure, table
from patrol_anpr.lab.approach import LEAST_LARGEST, Subject, corners_of, film, invent_subject, plan_approach
from patrol_anpr.lab.hotlist_bench import bench_hotlist
from patrol_anpr.lab.ingest_bench import bench_ingest, lines_of
from patrol_anpr.lab.pass_accuracy import MeasuredPass, pass_table, read_pass, read_scene
from patrol_anpr.lab.readers import our_reader, peer_reader
from patrol_anpr.lab.reading_bench import read_through
from patrol_anpr.patrol.reader import Reader, build_reader
from patrol_anpr.reading.dataset import Sample, samples
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.pack import MAX_ITEMS

MOST_FRAMES = 300
_SEED = 1
_MOST_APPROACHES = 10  # of one real picture


def accuracy(dataset: Path, against: Path | None, split: str | None, settings: Settings) -> int:
    """Print how well plates of a labelled set are found and read, beside another reader where one is named."""
    reader = build_reader(settings.reading)
    readers = [our_reader(reader.detector, reader.ocr, SystemClock().utc().date())]
    if against is not None:
        readers.append(peer_reader(against, threads=settings.reading.threads))
    labelled = samples(dataset, split)
    with progress_bar() as bar:
        results = [measure(bar.track(labelled, description=one.name), one) for one in readers]
    typer.echo(f"our detector: {reader.form}, {settings.reading.input_size} px, {settings.reading.threads} thread(s)")
    typer.echo(table(results))
    return 0


def passes(dataset: Path | None, sequences: int, settings: Settings) -> int:
    """Print what reading whole passes brings: approaches of drawn plates, and of the pictures of a labelled set."""
    chosen = _spread(_with_text(dataset), sequences) if dataset is not None else []
    reader, clock = build_reader(settings.reading), SystemClock()
    with progress_bar() as bar:
        drawn = []
        for number in bar.track(range(sequences), description="Drawn plates"):
            rng = np.random.default_rng((_SEED, number))
            subject, approach = invent_subject(rng), plan_approach(rng)
            seen = film(subject, approach)
            drawn.append(
                read_pass(subject.text, seen, reader.ocr, clock, by_night=approach.by_night, seed=approach.seed)
            )
        real = []
        for number, sample in enumerate(bar.track(chosen, description="Real pictures") if chosen else []):
            real += real_pass(sample, number, reader, clock)
    typer.echo(pass_table("drawn plates", drawn))
    if real:
        typer.echo(f"\n{pass_table('real pictures', real)}")
    if len(real) < len(chosen):
        left_out, least = len(chosen) - len(real), f"{LEAST_LARGEST:.0f} px"
        typer.echo(f"{left_out} left out: no plate found in the picture, or one under {least} wide.")
    return 0


def _with_text(dataset: Path) -> list[Sample]:
    texts = [sample for sample in samples(dataset) if sample.text]
    if not texts:
        raise BadInput(f"{dataset} does not say what stands on its plates, so passes cannot be measured on it.")
    return texts


def _spread(texts: list[Sample], sequences: int) -> list[Sample]:
    """Choose evenly among the pictures, none more than _MOST_APPROACHES times."""
    count = min(sequences, _MOST_APPROACHES * len(texts))
    return [texts[place * len(texts) // count] for place in range(count)]


def real_pass(sample: Sample, number: int, reader: Reader, clock: SystemClock) -> list[MeasuredPass]:
    """Film one approach of a real picture and read it; none where its plate is not found or too small."""
    pixels = sample.pixels()
    known = sample.plate_in_crop(pixels)
    found = [known] if known else [plate.box for plate in reader.detector.find(pixels)]
    box = max(found, key=lambda each: each.width, default=None)
    if box is None or box.width < LEAST_LARGEST:
        return []
    subject = Subject(sample.text or "", pixels, corners_of(box), is_scene=not sample.is_crop)
    approach = plan_approach(np.random.default_rng((_SEED, number)), subject.width)
    seen, by_night = film(subject, approach), approach.by_night
    if sample.is_crop:
        return [read_pass(subject.text, seen, reader.ocr, clock, by_night=by_night, seed=approach.seed)]
    return [read_scene(subject.text, seen, reader.detector, reader.ocr, clock, by_night=by_night)]


def hotlist_size(entries: int) -> int:
    """Print what a hotlist of `entries` invented marks costs."""
    found = bench_hotlist(entries)
    use = found.use
    typer.echo(f"{found.entries:,} entries, {found.file_size:.0f} MB")
    typer.echo(f"build {found.build_seconds:.1f} s, at most {found.build_memory:.0f} MB of memory")
    typer.echo(f"delta of 0.1 %: {found.delta_size * 1024:.0f} KB, built in {found.delta_build_seconds:.1f} s")
    typer.echo(f"in force {use.in_force_seconds:.2f} s after it arrived, a delta {use.delta_seconds:.2f} s")
    typer.echo(f"memory in use {use.memory:.1f} MB")
    for name in ("absent", "present", "match", "match_hit"):
        p50, p99 = getattr(use, name)
        typer.echo(f"{name.replace('_', ' '):<10} p50 {p50:.0f} us, p99 {p99:.0f} us")
    return 0


def ingest_rate(reads: int, cars: int, *, pictures: bool, database: str | None) -> int:
    """Print how many reads a second a depot on this machine takes."""
    name = f"{cars} car(s), {'with both pictures' if pictures else 'text only'}"
    batch = 100 if pictures else MAX_ITEMS
    for line in lines_of([(name, bench_ingest(reads, cars, batch, pictures=pictures, database=database))]):
        typer.echo(line)
    return 0


def reading_cost(source: Path, settings: Settings) -> int:
    """Print what a frame of `source` costs: medians over its first frames, in CPU and wall milliseconds."""
    reader = build_reader(settings.reading)
    with progress_bar() as bar:
        task = bar.add_task("Frames", total=MOST_FRAMES)
        costs = read_through(source, reader, SystemClock(), MOST_FRAMES, lambda done: bar.update(task, completed=done))
    width, height = costs.size
    typer.echo(f"{len(costs.whole)} frames of {width}x{height}; {settings.reading.threads} thread(s)")
    for name, seconds in (("detector", costs.detector), ("whole frame", costs.whole)):
        cpu_ms, wall_ms = (1000 * statistics.median(column) for column in zip(*seconds, strict=True))
        typer.echo(f"{name:<12} CPU {cpu_ms:.1f} ms, wall {wall_ms:.1f} ms (medians)")
    return 0
