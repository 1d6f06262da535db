"""Reads and hits by hour and camera."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from patrol_anpr.domain.events import HitRaised, ReadMade
from patrol_anpr.domain.hotlist import Tier
from patrol_anpr.domain.shift_chart import CameraCounts, HourCell, HourCounts, ShiftChart, hour_of, merged
from patrol_anpr.patrol.shift_tally import ShiftTally
from tests import made

HOUR = hour_of(made.NOW)


def test_reads_and_hits_are_counted_by_hour_and_camera() -> None:
    tally = ShiftTally()
    tally.begin(made.SHIFT)
    for minutes, camera in ((0, "front"), (1, "rear"), (120, "front")):
        read = made.a_read(captured_at=made.NOW + timedelta(minutes=minutes), camera_id=camera)
        tally.take(ReadMade(read, made.EVIDENCE, made.SHIFT))
        tally.take(HitRaised(made.a_hit(read=read, tier=Tier.SILENT if minutes == 1 else Tier.ROUTINE), made.EVIDENCE))
    chart = tally.chart()
    assert chart.hours() == (
        HourCounts(HOUR, 2, 1),
        HourCounts(HOUR + timedelta(hours=1), 0, 0),
        HourCounts(HOUR + timedelta(hours=2), 1, 1),
    )
    assert chart.cameras() == (CameraCounts("front", 2, 2), CameraCounts("rear", 1, 0))
    assert chart.cameras()[0].hits_in_a_hundred == 100


def test_what_is_of_another_shift_is_not_counted() -> None:
    tally = ShiftTally()
    for shift_id in (None, "another"):
        tally.begin(shift_id)
        tally.take(ReadMade(made.a_read(), made.EVIDENCE, made.SHIFT))
        tally.take(ReadMade(made.a_read(), made.EVIDENCE, None))
        tally.take(HitRaised(made.a_hit(), made.EVIDENCE))
        assert tally.chart() == ShiftChart()


def test_a_shift_that_goes_on_has_what_it_had() -> None:
    tally = ShiftTally()
    tally.begin(made.SHIFT, [HourCell(HOUR, "front", 7)], [made.a_hit()])
    tally.take(ReadMade(made.a_read(), made.EVIDENCE, made.SHIFT))
    assert tally.chart().cells == (HourCell(HOUR, "front", 8, 1),)


_CELLS = st.lists(
    st.builds(
        HourCell,
        st.integers(0, 15).map(lambda hours: HOUR + timedelta(hours=hours)),
        st.sampled_from(("front", "rear", "left")),
        st.integers(0, 500),
        st.integers(0, 20),
    ),
    max_size=30,
)


@given(_CELLS)
def test_hours_and_cameras_add_up_to_the_same(cells: list[HourCell]) -> None:
    chart = ShiftChart(merged(cells))
    reads, hits = sum(cell.reads for cell in cells), sum(cell.hits for cell in cells)
    for counts in (chart.hours(), chart.cameras()):
        assert sum(one.reads for one in counts) == reads
        assert sum(one.hits for one in counts) == hits
    hours = [one.hour for one in chart.hours()]
    assert all(after - before == timedelta(hours=1) for before, after in pairwise(hours))
