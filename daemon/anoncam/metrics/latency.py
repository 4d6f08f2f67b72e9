"""The time from a frame's submission to its result, as a histogram of what the status says."""

BOUNDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
"""Seconds: a Coral takes 5 ms, a Pi 4 about 100 ms; results further apart than 0.5 s veil."""


class LatencyHistogram:
    """Counts results by their latency: those of each second by the latency of that second.

    `sum` is of the latencies of all results, in seconds.
    """

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0
        self._inferred: int | None = None

    def add(self, inferred: int, seconds: float) -> None:
        """Take note that so many frames have been inferred by now, lately in `seconds` each."""
        before, self._inferred = self._inferred, inferred
        results = 0 if before is None or inferred < before else inferred - before
        place = next((index for index, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        self._counts[place] += results
        self.sum += results * seconds

    def buckets(self) -> list[tuple[str, float]]:
        """The bounds as Prometheus writes them, each with the number of results up to it."""
        total, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        return buckets
