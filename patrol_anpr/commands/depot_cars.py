"""What `patrol-anpr depot cars` prints: each car of a depot, what it runs, and what it has in force."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.depot.fleet import CarStanding, SaidManifest, cars_of
from patrol_anpr.domain.errors import BadInput
from patrol_anpr.domain.health import LampState
from patrol_anpr.wire.manifest import CarManifest, RunModel

_HEAD = ("car", "enrolled", "last heard (UTC)", "certificate until", "doubted", "refused", "version")
_CHANGED = "what the depot keeps of its manifest is not what the car signed: look into the depot's audit"
_READING = {
    LampState.WARN: "; not all that should read could be opened: `patrol-anpr doctor` in the car says why",
    LampState.BAD: "; IT READS NO PLATES: `patrol-anpr doctor` in the car says why",
}
_SILENT = "has not said yet what it runs: it does so at its next sync"


def show_cars(folder: Path, car: str, now: datetime | None = None) -> int:
    """Print all cars, or one with what it ran before. Raises BadInput for a car that the depot does not know."""
    known = cars_of(there(folder))
    shown = [one for one in known if car in ("", one.car_id)]
    if car and not shown:
        raise BadInput("The depot knows no car of that id. `patrol-anpr depot cars` shows those that it knows.")
    if not shown:
        say("The depot knows no car. `patrol-anpr depot enrol` makes the code for one.")
        return 0
    lines = [_HEAD, *map(_line, shown)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line, standing in zip(lines, [None, *shown], strict=True):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        for more in _details(standing, now or datetime.now(UTC), before=bool(car)) if standing else ():
            say(f"    {more}")
    return 0


def _line(car: CarStanding) -> tuple[str, ...]:
    newest = car.said[0] if car.said else None
    return (
        car.car_id,
        f"{car.enrolled:%Y-%m-%d}" if car.enrolled else "code unused",
        _minute(newest.last) if newest else "never",
        _minute(newest.certificate_ends) if newest else "-",
        f"{car.doubted:,}",
        f"{car.refused:,}",
        newest.manifest.software if newest and newest.manifest else "-",
    )


def _details(car: CarStanding, now: datetime, *, before: bool) -> Iterator[str]:
    if car.revoked:
        yield f"refused since {_minute(car.revoked)} UTC"
    if not car.said:
        yield _SILENT
        return
    newest = car.said[0].manifest
    yield from _content(newest, now) if newest else (_CHANGED,)
    if before:
        yield from map(_before, car.said[1:])


def _content(said: CarManifest, now: datetime) -> Iterator[str]:
    yield f"system: {said.system}; form of the records: {said.records_version}"
    yield f"models: {', '.join(map(_model, said.models)) or 'none'}{_READING.get(said.reading, '')}"
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
