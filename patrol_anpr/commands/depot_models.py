"""What `patrol-anpr depot model` does."""

from collections.abc import Iterator
from pathlib import Path

from patrol_anpr.commands.depot import there
from patrol_anpr.commands.terminal import say
from patrol_anpr.depot.fleet.standing import cars_of
from patrol_anpr.depot.lists.keys import ListKeys
from patrol_anpr.depot.lists.models import publish_models, published_models, withdraw_models
from patrol_anpr.depot.lists.publishing import repository_of
from patrol_anpr.patrol.reader import build_reader
from patrol_anpr.reading.card import Score, draw_cards, score, why_not
from patrol_anpr.resources import MODELS
from patrol_anpr.settings import ReadingSettings
from patrol_anpr.vehicle.clock import SystemClock
from patrol_anpr.wire.models import ModelSet, NewModels, ShadowCounts


def publish_set(
    folder: Path,
    source: Path,
    name: str,
    by: str,
    why: str,
    *,
    audience: tuple[str, ...] | None,
    shadow: bool,
    keys: ListKeys,
) -> int:
    """Publish a set of models."""
    found = publish_models(
        there(folder), source, name, audience=audience, shadow=shadow, actor=by, reason=why, keys=keys
    )
    say(f"Published: {_said(found)}.")
    after = "reads beside the models in use" if shadow else "reads with it from the next start on"
    say(f"Each car fetches it after a sync and has it read the test card; where it passes, the car {after}.")
    return 0


def try_set(source: Path) -> int:
    """Have models read the test card on this machine, beside those of the program; returns 1 where cars refuse them."""
    cards, today = draw_cards(), SystemClock().utc().date()

    def scored(name: str, folder: Path) -> Score:
        reader = build_reader(ReadingSettings(), folder, must_read=False)
        found = score(reader.detector, reader.ocr, cards, today)
        say(
            f"{name}: {found.read} of {found.plates} plates read, {found.found} found where there are none, "
            f"{found.milliseconds:.0f} ms of the processor a picture"
        )
        return found

    old = scored("the models of the program", MODELS)
    why = why_not(scored("these models", source), old)
    say(f"Cars will refuse them. {why}" if why else "They pass the test card here.")
    return int(bool(why))


def withdraw_set(folder: Path, revision: int, by: str, why: str, keys: ListKeys) -> int:
    """Take a set back."""
    gone = withdraw_models(there(folder), revision, by, why, keys=keys)
    say(f"{gone.head.name} is taken back. Cars that read with it go back at the first start after their next sync.")
    return 0


def show_sets(folder: Path) -> int:
    """Print what is published."""
    found = published_models(repository_of(there(folder)))
    for one in found:
        say(_said(one))
        for file in one.files:
            say(f"    {file.role} {file.version} ({file.sha256[:8]}), {file.size:,} bytes")
    if not found:
        say("The depot publishes no models: cars read with those of their program.")
    return 0


def report_sets(folder: Path) -> int:
    """Print what each car said last of the models it was offered; returns 1 where one refused them."""
    refused = False
    for car in cars_of(there(folder), ()):
        said = car.said[0].manifest if car.said else None
        if said is None or said.new_models is None:
            say(f"{car.car_id}: has not said that it was offered any")
            continue
        for line in _progress(said.new_models):
            say(f"{car.car_id}: {line}")
        refused = refused or said.new_models.state == "refused"
    return int(refused)


def _said(one: ModelSet) -> str:
    cars = "all cars" if one.head.audience is None else ", ".join(one.head.audience)
    shadow = ", as a shadow" if one.head.shadow else ""
    size = sum(file.size for file in one.files) / 2**20
    return f"{one.head.name}, revision {one.head.revision}{shadow}: {len(one.files)} files, {size:.1f} MB, for {cars}"


def _progress(new: NewModels) -> Iterator[str]:
    yield f"{new.name}, revision {new.revision}: {new.state}{f'. {new.why}' if new.why else ''}"
    if new.shadow is not None:
        yield _counted(new.shadow)


def _counted(counts: ShadowCounts) -> str:
    plates = counts.agree + counts.differ + counts.only_old + counts.only_new
    by = ", ".join(
        f"{number} by {place}{' or more' if place == len(counts.characters) else ''}"
        for place, number in enumerate(counts.characters, 1)
        if number
    )
    return (
        f"of {plates:,} plates in {counts.pictures:,} pictures both read {counts.agree:,} alike, "
        f"{counts.differ:,} otherwise{f' ({by} characters)' if by else ''}; only the old models {counts.only_old:,}, "
        f"only the new ones {counts.only_new:,}; {counts.missed:,} pictures the new ones did not get through"
    )
