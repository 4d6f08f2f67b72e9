from anoncam.metrics.latency import BOUNDS, LatencyHistogram


def buckets(histogram: LatencyHistogram) -> dict[str, float]:
    return dict(histogram.buckets())


def test_results_are_counted_by_their_latency_and_buckets_are_cumulative() -> None:
    histogram = LatencyHistogram()
    for inferred, seconds in ((100, 0.02), (110, 0.02), (120, 0.12), (121, 60.0)):
        histogram.add(inferred, seconds)
    found = buckets(histogram)
    assert (found["0.01"], found["0.02"], found["0.1"], found["0.15"]) == (0, 10, 10, 20)
    assert (found[str(BOUNDS[-1])], found["+Inf"]) == (20, 21)


def test_a_daemon_that_starts_again_counts_from_there() -> None:
    histogram = LatencyHistogram()
    for inferred in (100, 110, 3, 5):
        histogram.add(inferred, 0.02)
    assert buckets(histogram)["+Inf"] == 12
