"""The bench measures a real list."""

import pytest

from patrol_anpr.lab.hotlist_bench import bench_hotlist


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_small_list_is_measured(encrypted: bool) -> None:
    bench = bench_hotlist(2000, encrypted=encrypted, samples=200)
    assert bench.entries == 2000
    assert bench.encrypted is encrypted
    assert bench.build_seconds > 0
    assert bench.file_size > 0
    for median, worst in (bench.use.absent, bench.use.present, bench.use.match, bench.use.match_hit):
        assert 0 < median <= worst


@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_five_million_entries_hurt_nobody() -> None:
    """Bounds far above what was measured on two cores, and far below what an officer would notice."""
    bench = bench_hotlist(5_000_000)
    assert bench.entries > 4_940_000  # 1 mark in 100 is drawn twice
    assert bench.use.open_milliseconds < 100
    assert bench.use.memory < 40
    assert bench.build_memory < 500
    assert bench.use.match[1] < 20_000
