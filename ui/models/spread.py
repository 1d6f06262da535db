"""How long something took, time after time, in little memory: a count for each millisecond."""


class Spread:
    """Takes times in seconds. Percentiles are whole milliseconds, rounded up; the worst is kept as it is."""

    LONGEST_MS = 2000
    """What took longer is counted with this one; the worst is known all the same."""

    def __init__(self) -> None:
        self._counts = [0] * (self.LONGEST_MS + 1)
        self.count, self.worst = 0, 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[min(self.LONGEST_MS, max(0, int(seconds * 1000)))] += 1
        self.count += 1
        self.worst = max(self.worst, seconds)

    def percentile(self, share: float) -> float:
        """The seconds that `share` (0 to 1) of all did not exceed; 0 before there is one."""
        wanted, seen = share * self.count, 0
        for milliseconds, count in enumerate(self._counts):
            seen += count
            if seen >= wanted and seen:
                return min(self.worst, (milliseconds + 1) / 1000)
        return 0.0

    @property
    def told(self) -> str:
        """The figures for a line of a log: "p50 21 ms, p99 24 ms, worst 61 ms"."""
        figures = {"p50": self.percentile(0.5), "p99": self.percentile(0.99), "worst": self.worst}
        return ", ".join(f"{name} {1000 * seconds:.0f} ms" for name, seconds in figures.items())
