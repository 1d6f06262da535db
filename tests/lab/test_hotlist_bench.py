"""The bench measures a real list."""

import pytest

from patrol_anpr.lab.hotlist_bench import bench_hotlist


def test_a_small_list_is_measured_and_keeps_to_its_share_of_the_bounds() -> None:
    """Bounds of five million entries for some of them, with what a start costs however small the list is."""
    bench = bench_hotlist(20_000, samples=500)
    assert bench.entries > 19_900  # some marks are drawn twice
    assert bench.build_seconds > 0
    assert bench.file_size < 1
    assert bench.delta_size < 0.01
    assert bench.use.in_force_seconds < 1
    assert bench.use.delta_seconds < 1
    assert bench.use.memory < 15
    for median, worst in (bench.use.absent, bench.use.present, bench.use.match, bench.use.match_hit):
        assert 0 < median <= worst
        assert median < 1000


@pytest.mark.campaign
@pytest.mark.timeout(1200)
def test_five_million_entries_hurt_nobody() -> None:
    bench = bench_hotlist(5_000_000)
    assert bench.entries > 4_940_000  # 1 mark in 100 is drawn twice
    assert bench.build_memory < 250
    assert bench.delta_size < 1
    assert bench.use.in_force_seconds < 3
    assert bench.use.delta_seconds < 5
    assert bench.use.memory < 100
    assert bench.use.match[1] < 1000
    assert bench.use.match_hit[1] < 1000
