"""The tables of a report say what the figures say, each chart fits its field, and no file runs anything."""

import csv
import io
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_anpr.depot.reports.charts import Chart, ReportTable
from patrol_anpr.depot.reports.counting import Breakdown
from patrol_anpr.depot.reports.reading import Figures, Period
from patrol_anpr.depot.reports.tables import headline, tables_of
from patrol_anpr.depot.reports.words import disposition_words
from patrol_anpr.domain.disposition import BUILT_IN, Disposition, DispositionKind

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 28))
values = {
    Breakdown.HITS_TIER: ["1", "2", "3", "4"],
    Breakdown.HITS_VERIFICATION: ["correct", "misread", "no outcome"],
    Breakdown.VERIFIED_EXACT: ["correct", "misread", "not_a_plate", "no outcome"],
    Breakdown.VERIFIED_CHECK: ["correct", "misread", "could_not_verify"],
    Breakdown.HITS_HOUR: [f"{hour:02}" for hour in range(24)],
    Breakdown.ALARMS_HOUR: [f"{hour:02}" for hour in range(24)],
}


@st.composite
def figures(draw) -> Figures:
    amounts = {}
    for breakdown in Breakdown:
        names = values.get(breakdown, ["a", "=b", "c d"])
        amounts[breakdown] = draw(st.dictionaries(st.sampled_from(names), st.integers(0, 90).map(float), max_size=5))
    for part, whole in ((Breakdown.ALARMS_LIST, Breakdown.HITS_LIST), (Breakdown.BLIND_CAR, Breakdown.WATCHED_CAR)):
        most = amounts[whole]
        amounts[part] = {name: min(count, most[name]) for name, count in amounts[part].items() if name in most}
    hours = amounts[Breakdown.HITS_HOUR]
    amounts[Breakdown.ALARMS_HOUR] = {name: count // 2 for name, count in hours.items()}
    return Figures(PERIOD, amounts, datetime(2026, 11, 29, tzinfo=UTC))


def made(figures: Figures) -> dict[str, ReportTable]:
    by_day = dict.fromkeys(PERIOD.days, 2.0)
    return dict(tables_of(figures, by_day, disposition_words(BUILT_IN)))


@settings(max_examples=15, deadline=None)
@given(figures())
def test_each_table_adds_up_to_its_breakdown(figures):
    tables = made(figures)
    for name, breakdown in (
        ("hits-by-list", Breakdown.HITS_LIST),
        ("hits-by-tier", Breakdown.HITS_TIER),
        ("hits-by-outcome", Breakdown.HITS_DISPOSITION),
        ("hits-by-reason", Breakdown.HITS_REASON),
        ("hits-by-unit", Breakdown.HITS_UNIT),
        ("hits-by-hour", Breakdown.HITS_HOUR),
        ("stops-by-reason", Breakdown.STOPS_REASON),
        ("stops-by-ground", Breakdown.STOPS_GROUND),
        ("reads-by-camera", Breakdown.READS_CAMERA),
    ):
        assert sum(row[1] for row in tables[name].rows) == figures.total(breakdown), name
    exact, check, together = tables["misreads"].rows
    counts = [cells for cells in zip(exact, check, together, strict=True) if isinstance(cells[2], int)]
    assert all(one + two == both for one, two, both in counts)
    first = headline(figures)
    assert (first.misread.part, first.misread.whole) == (together[2], together[-1])


@settings(max_examples=15, deadline=None)
@given(figures())
def test_each_chart_fits_its_field_and_each_file_has_the_rows_and_runs_nothing(figures):
    for table in made(figures).values():
        assert len(table.chart.labels) <= len(table.rows)
        for place in range(len(table.chart.labels)):
            bars = table.chart.bar(place)
            assert all(begin >= 0 and width >= -0.01 for begin, width in bars)
            assert sum(width for _, width in bars) <= 100.1
        rows = list(csv.reader(io.StringIO(table.as_csv())))
        assert len(rows) == len(table.rows) + 1
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_line_goes_from_end_to_end_and_from_the_bottom_to_the_most():
    chart = Chart(["1", "2", "3"], {"": [0.0, 5.0, 10.0]})
    assert chart.line(100, 20) == "0.0,20.0 50.0,10.0 100.0,0.0"
    assert Chart(["1"], {"": [0.0]}).line(100, 20) == "0.0,20.0"


def test_two_dispositions_of_one_word_are_told_apart():
    stopped = Disposition("a", "Gone", DispositionKind.STOPPED)
    other = Disposition("b", "Gone", DispositionKind.NOT_STOPPED)
    assert disposition_words([stopped])["a"] == "Gone"
    words = disposition_words([stopped, other])
    assert (words["a"], words["b"]) == ("Gone (stopped)", "Gone (not stopped)")
