"""The tables of the reports, made of figures: each with its heads, its rows, and what of it a chart shows. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from patrol_anpr.depot.reports.charts import Cell, Chart, ReportTable
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.reports.facts import OPEN
from patrol_anpr.depot.reports.rates import Rate
from patrol_anpr.depot.reports.reading import Figures
from patrol_anpr.depot.reports.words import KINDS, OVERRIDES, SIGHTS, TIERS, VERIFICATIONS
from patrol_anpr.domain.hit import Verification

HOUR = 3600.0
NONE = "none"
"""Where there is nothing to make a share or a rate of."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The first numbers of a report."""

    hits: int
    alarms: int
    reads: int
    without_outcome: int
    stops: int
    patrol_hours: float
    misread: Rate

    @property
    def alarms_an_hour(self) -> float | None:
        """Alarms in an hour of patrol; None where no hours are known."""
        return self.alarms / self.patrol_hours if self.patrol_hours else None


def headline(figures: Figures) -> Headline:
    """Return the first numbers."""
    return Headline(
        hits=round(figures.total(Breakdown.HITS_LIST)),
        alarms=round(figures.total(Breakdown.ALARMS_LIST)),
        reads=round(figures.total(Breakdown.READS_CAR)),
        without_outcome=round(figures.of(Breakdown.HITS_VERIFICATION).get(OPEN, 0)),
        stops=round(figures.total(Breakdown.STOPS_REASON)),
        patrol_hours=figures.total(Breakdown.PATROL_UNIT) / HOUR,
        misread=misread_rate(figures.of(Breakdown.VERIFIED_EXACT), figures.of(Breakdown.VERIFIED_CHECK)),
    )


_VERIFIED = (Verification.CORRECT.value, Verification.MISREAD.value, Verification.NOT_A_PLATE.value)


def misread_rate(*verified: Mapping[str, float]) -> Rate:
    """Return how many of the hits of which an officer said what the plate shows were read wrongly."""
    whole = sum(counts.get(value, 0) for counts in verified for value in _VERIFIED)
    return Rate(round(sum(counts.get(Verification.MISREAD.value, 0) for counts in verified)), round(whole))


def tables_of(
    figures: Figures, hits_by_day: Mapping[date, float], dispositions: Mapping[str, str]
) -> Mapping[str, ReportTable]:
    """Return every table of a report by its name, in the order of the page. `dispositions` are their words by id."""
    made = (
        _by_day(hits_by_day),
        _by_list(figures),
        _counts(figures, Breakdown.HITS_TIER, "hits-by-tier", "Hits by tier", "tier", TIERS, _in_order(TIERS)),
        _misreads(figures),
        _counts(figures, Breakdown.HITS_DISPOSITION, "hits-by-outcome", "Hits by outcome", "outcome", dispositions),
        _counts(figures, Breakdown.HITS_REASON, "hits-by-reason", "Hits by reason of the list", "reason", {}),
        _by_unit(figures),
        _by_hour(figures),
        _counts(figures, Breakdown.STOPS_REASON, "stops-by-reason", "Stops by reason of the list", "reason", {}),
        _counts(figures, Breakdown.STOPS_DISPOSITION, "stops-by-outcome", "Stops by outcome", "outcome", dispositions),
        _counts(
            figures, Breakdown.STOPS_GROUND, "stops-by-ground", "Stops by what they were based on", "ground", OVERRIDES
        ),
        _sight(figures),
        _cars(figures),
        _cameras(figures),
    )
    return {one.name: one for one in made}


def _in_order(words: Mapping[str, str]) -> Callable[[tuple[str, float]], tuple[float, str]]:
    """Sort in the order of `words`; what is not in it comes last."""
    places = {value: place for place, value in enumerate(words)}
    return lambda row: (places.get(row[0], len(places)), row[0])


def _most_first(row: tuple[str, float]) -> tuple[float, str]:
    return -row[1], row[0]


def _counts(
    figures: Figures,
    breakdown: Breakdown,
    name: str,
    title: str,
    head: str,
    words: Mapping[str, str],
    order: Callable[[tuple[str, float]], tuple[float, str]] = _most_first,
) -> ReportTable:
    """Return a table of one breakdown with the share of each row."""
    counts = sorted(figures.of(breakdown).items(), key=order)
    total = figures.total(breakdown)
    rows = [(words.get(value, value), round(count), _share(count, total)) for value, count in counts]
    what = "Stops" if breakdown.startswith("stops.") else "Hits"
    note = f"{what} of the period: {round(total):,}. Each counts once, by what is known of it now."
    return ReportTable(name, title, note, (head, what.lower(), "share"), rows, _chart(rows))


def _chart(rows: Sequence[Sequence[Cell]]) -> Chart:
    """Return a bar a row, as long as its second cell says."""
    return Chart([str(row[0]) for row in rows], {"": [float(row[1]) for row in rows]})


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else NONE


def _by_day(counts: Mapping[date, float]) -> ReportTable:
    rows = [(day.isoformat(), round(count)) for day, count in sorted(counts.items())]
    note = "By the day (UTC) on which the hit was raised."
    return ReportTable("hits-by-day", "Hits a day", note, ("day", "hits"), rows, _chart(rows), line=True)


def _by_list(figures: Figures) -> ReportTable:
    hits, alarms, peaks = (figures.of(one) for one in (Breakdown.HITS_LIST, Breakdown.ALARMS_LIST, Breakdown.PEAK_LIST))
    hours = figures.total(Breakdown.PATROL_UNIT) / HOUR
    rows = [
        (
            value,
            round(count),
            round(alarms.get(value, 0)),
            f"{alarms.get(value, 0) / hours:.2f}" if hours else NONE,
            round(peaks.get(value, 0)),
        )
        for value, count in sorted(hits.items(), key=_most_first)
    ]
    note = (
        "An alarm is a hit that called for the crew when it was raised: not of a silent list, not muted, not of a Read "
        "of before. The hours are those of all cars' shifts. The last column is the most in ten minutes of one shift, "
        "as the car counted it: more than 10 is a flood."
    )
    heads = ("list", "hits", "alarms", "alarms an hour of patrol", "most hits in ten minutes")
    parts = {
        "alarms": [float(row[2]) for row in rows],
        "other hits": [float(row[1] - row[2]) for row in rows],
    }
    return ReportTable("hits-by-list", "Hits by list", note, heads, rows, Chart([row[0] for row in rows], parts))


def _misreads(figures: Figures) -> ReportTable:
    counts = {
        KINDS["exact"]: figures.of(Breakdown.VERIFIED_EXACT),
        KINDS["check"]: figures.of(Breakdown.VERIFIED_CHECK),
    }
    said = [*VERIFICATIONS, *sorted({value for one in counts.values() for value in one} - set(VERIFICATIONS))]
    rows: list[tuple[Cell, ...]] = [
        (name, *(round(one.get(value, 0)) for value in said), *_rate_cells(misread_rate(one)))
        for name, one in counts.items()
    ]
    together = [sum(one.get(value, 0) for one in counts.values()) for value in said]
    rows.append(("together", *map(round, together), *_rate_cells(misread_rate(*counts.values()))))
    note = (
        "The misread rate is the share of misreads among the hits of which an officer said what the plate shows. "
        "The interval is where the true rate lies with 95 % confidence (Wilson): with few hits it is wide."
    )
    heads = ("match", *(VERIFICATIONS.get(value, value) for value in said), "misread rate", "95 % interval", "of hits")
    parts = {VERIFICATIONS.get(value, value): [float(one.get(value, 0)) for one in counts.values()] for value in said}
    return ReportTable("misreads", "Misreads", note, heads, rows, Chart(list(counts), parts))


def _rate_cells(rate: Rate) -> tuple[str, str, int]:
    low, high = rate.interval
    if rate.share is None:
        return NONE, NONE, 0
    return f"{100 * rate.share:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %", rate.whole


def _by_unit(figures: Figures) -> ReportTable:
    hits, patrol = figures.of(Breakdown.HITS_UNIT), figures.of(Breakdown.PATROL_UNIT)
    rows = [
        (
            unit,
            round(hits.get(unit, 0)),
            patrol.get(unit, 0.0) / HOUR,
            _rate_an_hour(hits.get(unit, 0), patrol.get(unit)),
        )
        for unit in sorted({*hits, *patrol})
    ]
    note = "By the unit of the shift. A hit whose shift is not here yet is of an unknown one."
    heads = ("unit", "hits", "hours of patrol", "hits an hour")
    return ReportTable("hits-by-unit", "Hits by unit", note, heads, rows, _chart(rows))


def _rate_an_hour(count: float, seconds: float | None) -> str:
    return f"{count * HOUR / seconds:.2f}" if seconds else NONE


def _by_hour(figures: Figures) -> ReportTable:
    hits, alarms = figures.of(Breakdown.HITS_HOUR), figures.of(Breakdown.ALARMS_HOUR)
    hours = [f"{hour:02}" for hour in range(24)]
    rows = [(f"{hour}:00", round(hits.get(hour, 0)), round(alarms.get(hour, 0))) for hour in hours]
    parts = {"alarms": [float(row[2]) for row in rows], "other hits": [float(row[1] - row[2]) for row in rows]}
    chart = Chart([row[0] for row in rows], parts)
    note = "By the hour (UTC) in which the hit was raised."
    return ReportTable("hits-by-hour", "Hits by hour of the day", note, ("hour", "hits", "alarms"), rows, chart)


def _sight(figures: Figures) -> ReportTable:
    seconds = figures.of(Breakdown.COVERAGE)
    total = sum(seconds.values())
    counts = sorted(seconds.items(), key=_in_order(SIGHTS))
    rows = [(SIGHTS.get(value, value), amount / HOUR, _share(amount, total)) for value, amount in counts]
    note = (
        "Hours of all cameras that were watched. In blind hours no plate could have been read: that there is no Read "
        "means nothing then."
    )
    return ReportTable("coverage", "What cameras could see", note, ("sight", "hours", "share"), rows, _chart(rows))


def _cars(figures: Figures) -> ReportTable:
    columns = (Breakdown.WATCHED_CAR, Breakdown.BLIND_CAR, Breakdown.UNREAD_CAR, Breakdown.READS_CAR)
    watched, blind, unread, reads = (figures.of(one) for one in columns)
    rows = [
        (
            car,
            watched.get(car, 0.0) / HOUR,
            blind.get(car, 0.0) / HOUR,
            _share(blind.get(car, 0.0), watched.get(car, 0.0)),
            round(reads.get(car, 0)),
            round(unread.get(car, 0)),
        )
        for car in sorted({*watched, *reads})
    ]
    heads = ("car", "hours watched", "hours blind", "share blind", "Reads at the depot", "vehicles followed, not read")
    parts = {
        "usable hours": [float(row[1]) - float(row[2]) for row in rows],
        "blind hours": [float(row[2]) for row in rows],
    }
    note = (
        "Hours of each car's cameras together. A vehicle was followed and not read where its plate was in sight three "
        "times or more."
    )
    return ReportTable("coverage-by-car", "Coverage by car", note, heads, rows, Chart([row[0] for row in rows], parts))


def _cameras(figures: Figures) -> ReportTable:
    found = sorted(figures.of(Breakdown.READS_CAMERA).items())
    days = len(figures.period.days)
    rows = [(camera, round(count), count / days) for camera, count in found]
    note = f"Reads that each camera made, as its car counted them minute by minute, over {days:,} days."
    heads = ("car and camera", "Reads", "Reads a day")
    return ReportTable("reads-by-camera", "Reads by camera", note, heads, rows, _chart(rows))
