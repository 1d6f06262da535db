"""What the public is told: sentences that the program makes true, this depot's own periods, and chosen figures.

docs/public-promises.md names for each sentence the code that makes it true and the test that fails without it; a test
compares both. A sentence that nothing holds does not stand here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from patrol_anpr.depot.database import DepotDatabase
from patrol_anpr.depot.jobs import seconds_since_done
from patrol_anpr.depot.keeping.classes import PERIODS, Keep
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.reports.facts import LOOKED_AND_CONFIRMED
from patrol_anpr.depot.reports.rates import SMALL, Rate, public_count, public_share
from patrol_anpr.depot.reports.reading import Figures, Period, figures_of
from patrol_anpr.depot.reports.tables import headline
from patrol_anpr.depot.reports.words import TIERS
from patrol_anpr.depot.search.law import LAW, Purpose
from patrol_anpr.depot.settings import PublicWords, public_words, retention_days
from patrol_anpr.depot.tables import retention_periods
from patrol_anpr.domain.hotlist import Tier

DAYS = 365
"""Figures are those of so many days up to yesterday."""
_ROUTINE, _SILENT = (str(int(tier)) for tier in (Tier.ROUTINE, Tier.SILENT))
_URGENCY = {**TIERS, _ROUTINE: f"{TIERS[_ROUTINE]} and all others"}
SENTENCES: Mapping[str, Sequence[str]] = {
    "What it does": (
        "Cameras in our patrol cars read the number plates of vehicles that pass. Each mark is compared at once with "
        "lists of vehicles of interest.",
        "A record of every vehicle that was read is kept, also of those that are on no list.",
        "A mark that is only like a listed one is shown to officers as a possible match, never as the same mark.",
        "A vehicle counts as stopped because of a list only after an officer has looked at the picture and the control "
        "room has said that it is wanted. Where that was not so, the officer's reason is on record.",
        "A hit that officers dismiss stays on record.",
    ),
    "Who may look": (
        "Records are searched only by staff who were given that task, and only while their training and their signed "
        "policy are current.",
        "Each search names its purpose from a closed list, the number of a case, and a reason.",
        "Nobody authorises a search of their own.",
        "Where one of our cars, and so an officer, has been is listed only for an audit that was authorised.",
        "Whoever publishes lists cannot search. Whoever keeps the accounts of staff can neither search nor audit.",
    ),
    "How long records are kept": (
        "Pictures are sealed with a key for each day. When the day is past its date, the depot destroys the key, and "
        "what was sealed with it can no longer be opened.",
        "What is needed as evidence is held longer, with a reason, an owner and a date on which that is looked at "
        "again.",
        "Nothing is erased early because one clock is wrong.",
    ),
    "How we are watched": (
        "What was asked and why is written down before an answer is shown. Where it cannot be written down there is "
        "no answer.",
        "What was written down cannot be changed or taken out without it being seen. Patrol cars, too, sign what they "
        "have seen of it.",
        "When a month has ended, its searches are looked at for patterns of misuse. A sample of them is drawn, so that "
        "anybody who has its seed draws the same, and an auditor reviews it who may not search.",
    ),
}


@dataclass(frozen=True, slots=True)
class AgeRule:
    """For how old records who may search, as the law of the depot has it."""

    age: str
    purposes: Sequence[str]
    authorised: bool


@dataclass(frozen=True, slots=True)
class PublicPage:
    """All that the public is told.

    `erased_at` and `overseen_at` are when the job that erases, and the one that looks at the searches of months that
    have ended, last ended well; None if never. `kept` are what is kept and for how many days; `figures` are tables: a
    caption and rows of words and what is told.
    """

    words: PublicWords
    at: datetime
    counted_at: datetime | None
    erased_at: datetime | None
    overseen_at: datetime | None
    period: Period
    rules: Sequence[AgeRule]
    kept: Sequence[tuple[str, int]]
    figures: Sequence[tuple[str, Sequence[tuple[str, str]]]]

    @property
    def sentences(self) -> Mapping[str, Sequence[str]]:
        """The sentences by section."""
        return SENTENCES

    @property
    def small(self) -> int:
        """Below this no number is told."""
        return SMALL


def public_page(
    folder: Path,
    database: DepotDatabase,
    now: datetime,
    figures_in: Callable[[DepotDatabase, Period], Figures] = figures_of,
) -> PublicPage:
    """Return what the public is told now. Raises BadInput when `depot.toml` cannot be used, SQLAlchemyError."""
    period = Period.until(now.date() - timedelta(days=1), DAYS)
    figures = figures_in(database, period)
    ended = {job: _moment(now, since) for job, since in seconds_since_done(folder, now).items()}
    return PublicPage(
        words=public_words(folder),
        at=now,
        counted_at=figures.counted_at,
        erased_at=ended["purge"],
        overseen_at=ended["oversight"],
        period=period,
        rules=age_rules(),
        kept=_kept(folder, database),
        figures=chosen_figures(figures),
    )


def _moment(now: datetime, since: float) -> datetime | None:
    return None if since == float("inf") else now - timedelta(seconds=since)


def age_rules() -> Sequence[AgeRule]:
    """Return the table of the law in words."""
    every = [one for one in Purpose if one is not Purpose.AUDIT]
    return [
        AgeRule(reach.word, [one.word for one in every if one in rule.purposes], rule.authorised)
        for reach, rule in LAW.items()
    ]


def _kept(folder: Path, database: DepotDatabase) -> Sequence[tuple[str, int]]:
    """Return the longest of what is set and what is in force: nothing is kept longer than is told."""
    days = dict(retention_days(folder))
    with database.reading() as connection:
        for keep, in_force in connection.execute(select(retention_periods.c.keep, retention_periods.c.days)):
            days[Keep(keep)] = max(days[Keep(keep)], in_force)
    return [(PERIODS[keep].what, days[keep]) for keep in Keep]


def chosen_figures(figures: Figures) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Choose what is told, so that nobody can be found in it: no list, no unit, no car, no day, no small number."""
    first = headline(figures)
    looked = round(figures.of(Breakdown.STOPS_GROUND).get(LOOKED_AND_CONFIRMED, 0))
    dealt_with = Rate(first.hits - first.without_outcome, first.hits)
    watched = sum(figures.of(Breakdown.COVERAGE).values())
    return [
        (
            "All in all",
            [
                ("Number plates read; of a vehicle that passes twice, each time", public_count(first.reads)),
                ("Hits: reads of a mark on a list, or like one", public_count(first.hits)),
                ("Hits on which officers said what they saw or did", public_share(dealt_with)),
                ("Hits that officers found to be misread, of those they verified", public_share(first.misread)),
                ("Vehicles stopped because of a hit", public_count(first.stops)),
                ("Of these after a look at the picture and control's word", public_share(Rate(looked, first.stops))),
                ("Hours that cameras watched", f"about {round(watched / 3600, -1):,.0f}"),
            ],
        ),
        ("Hits by urgency", _told(_by_urgency(figures), _URGENCY)),
        ("Hits by the reason of the list", _told(figures.of(Breakdown.HITS_REASON), {})),
        ("Stops by the reason of the list", _told(figures.of(Breakdown.STOPS_REASON), {})),
    ]


def _by_urgency(figures: Figures) -> Mapping[str, float]:
    """Return the hits by tier, those of silent lists among the routine ones.

    What silent lists there are is nobody's business. Left out, they would be what is missing from the sum of all hits.
    """
    counts = dict(figures.of(Breakdown.HITS_TIER))
    if silent := counts.pop(_SILENT, 0.0):
        counts[_ROUTINE] = counts.get(_ROUTINE, 0.0) + silent
    return counts


def _told(counts: Mapping[str, float], words: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(words.get(value, value).capitalize(), public_count(count)) for value, count in sorted(counts.items())]
