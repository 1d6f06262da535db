"""`patrol-anpr read`: the plates of still pictures, one line a plate."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from patrol_anpr.cameras.pictures import read_picture
from patrol_anpr.cameras.source import picture_files
from patrol_anpr.commands.terminal import complain
from patrol_anpr.domain.errors import KnownError
from patrol_anpr.domain.vrm import spaced
from patrol_anpr.patrol.reader import build_reader
from patrol_anpr.reading.still import StillRead, read_still
from patrol_anpr.settings import Settings
from patrol_anpr.vehicle.clock import lone_clock


def read_stills(paths: Sequence[Path], settings: Settings, *, as_json: bool) -> int:
    """Print what stands on the plates of every picture; returns 1 when a file could not be read, else 0.

    A file that cannot be read is a line on stderr; the others are still read.
    """
    reader = build_reader(settings.reading)
    today = lone_clock().utc().date()
    failed = 0
    for picture in (picture for path in paths for picture in picture_files(path)):
        try:
            reads = read_still(read_picture(picture), reader.detector, reader.ocr, today)
        except KnownError as error:
            failed += 1
            complain(str(error))
        else:
            _print(picture, reads, as_json=as_json)
    return 1 if failed else 0


def _print(picture: Path, reads: Sequence[StillRead], *, as_json: bool) -> None:
    if as_json:
        for line in [_json(picture, read) for read in reads] or [{"image": str(picture), "vrm": None}]:
            typer.echo(json.dumps(line))
        return
    plates = ", ".join(f"{spaced(read.vrm)} ({read.confidence} %)" for read in reads)
    typer.echo(f"{picture}: {plates or 'no plate'}")


def _json(picture: Path, read: StillRead) -> dict[str, object]:
    return {
        "image": str(picture),
        "vrm": read.vrm,
        "confidence": read.confidence,
        "box": [round(edge, 1) for edge in (read.box.x1, read.box.y1, read.box.x2, read.box.y2)],
        "chars": [round(confidence, 4) for confidence in read.chars],
    }
