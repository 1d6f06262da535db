"""What `patrol-anpr depot cars` prints: each car of a depot, how well it is, what it runs, and what it has in force."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.depot.fleet.gathering import FleetCar, fleet_of
from patrol_anpr.depot.fleet.standing import SaidManifest
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.wire.manifest import CarManifest, RunModel

_HEAD = ("", "car", "unit", "enrolled", "last heard (UTC)", "certificate until", "waiting", "version")
_CHANGED = "what the depot keeps of its manifest is not what the car signed"
_SILENT = "has not said yet what it runs: it does so at its next sync"


def show_cars(folder: Path, car: str, now: datetime | None = None) -> int:
    """Print all cars, those first that were not heard, or one with what it ran before.

    Raises BadInput for a car that the depot does not know.
    """
    now = now or datetime.now(UTC)
    known = fleet_of(there(folder), now, (car,))
    shown = [one for one in known if car in ("", one.standing.car_id)]
    if car and not shown:
        raise BadInput("The depot knows no car of that id. `patrol-anpr depot cars` shows those that it knows.")
    if not shown:
        say("The depot knows no car. `patrol-anpr depot enrol` makes the code for one.")
        return 0
    lines = [_HEAD, *map(_line, shown)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line, one in zip(lines, [None, *shown], strict=True):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        for more in _details(one, now, before=bool(car)) if one else ():
            say(f"    {more}")
    return 0


def _line(car: FleetCar) -> tuple[str, ...]:
    standing, facts = car.standing, car.health.facts
    newest = standing.said[0] if standing.said else None
    return (
        car.health.level.word.upper(),
        standing.car_id,
        standing.unit or "-",
        f"{standing.enrolled:%Y-%m-%d}" if standing.enrolled else "code unused",
        _minute(newest.last) if newest else "never",
        _minute(newest.certificate_ends) if newest else "-",
        "-" if facts.waiting is None else f"{facts.waiting:,}",
        facts.software or "-",
    )


def _details(car: FleetCar, now: datetime, *, before: bool) -> Iterator[str]:
    yield from (f"{one.level.word.upper()}: {one.sentence}" for one in car.health.concerns)
    said = car.standing.said
    if not said:
        yield _SILENT
        return
    if said[0].manifest:
        yield from _content(said[0].manifest, now)
    if before:
        yield from map(_before, said[1:])


def _content(said: CarManifest, now: datetime) -> Iterator[str]:
    yield f"system: {said.system}; form of the records: {said.records_version}"
    yield f"models: {', '.join(map(_model, said.models)) or 'none'}"
    lists = [f"{one.list_id} revision {one.revision}, {_age(now - one.issued_at)} old" for one in said.lists]
    yield f"lists: {'; '.join(lists) or 'none in force'}"


def _before(said: SaidManifest) -> str:
    span = f"{_minute(said.first)} to {_minute(said.last)}"
    if said.manifest is None:
        return f"{span}: {_CHANGED}"
    lists = ", ".join(f"{one.list_id} {one.revision}" for one in said.manifest.lists)
    return f"{span}: {said.manifest.software}; {', '.join(map(_model, said.manifest.models))}; {lists}"


def _model(model: RunModel) -> str:
    return f"{model.role} {model.version or 'of its own'} ({model.sha256[:8]})"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _age(age: timedelta) -> str:
    hours = max(0, int(age.total_seconds() // 3600))
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"
