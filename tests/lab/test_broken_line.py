"""The bench of a bad line: nothing is lost on it, and it is told how often the line broke."""

import pytest

from patrol_anpr.lab import broken_line
from patrol_anpr.lab.broken_line import bench_broken_line


def test_a_line_that_is_reset_loses_no_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broken_line, "PIECE", 20_000)
    found = bench_broken_line(300)
    assert found.resets > 0
    assert found.times == pytest.approx(found.bad / found.good)
