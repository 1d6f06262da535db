"""The bench of searches runs, on a small depot; its figures are for the command."""

from patrol_anpr.lab.search_bench import bench_search, line_of
from tests.depot.postgresql import running_server


def test_it_measures_every_kind_of_search_and_the_erasure_of_a_month():
    with running_server() as server:
        server.run("CREATE DATABASE bench")
        said = [line_of(timed) for timed in bench_search(server.url("bench", "admin"), reads=2_800, times=10)]
    assert len(said) == 10
    assert "a month of 200 reads erased" in said[-2]
