"""The covered part of the labelled clips, and of their faces."""

from collections.abc import Iterator

from tqdm import tqdm

from anoncam.config.schema import Config
from tools.bench.figures import CLIPS, Bench, Figure
from tools.coverage.measurement import measure


def covered(_: Bench) -> Iterator[Figure]:
    """Measure the covered share of labelled face-frames and of area in the shared clips."""
    clips = sorted(CLIPS.glob("*.mp4"))
    if not clips:
        yield Figure("labelled face-frames covered", None, "%", f"no clips in {CLIPS}")
    config = Config()
    results = [measure(clip, config) for clip in tqdm(clips, "coverage", unit="clip", leave=False)]
    for result in results:
        if result.faces:
            note = f"{result.covered} of {result.faces}"
            yield Figure(
                f"{result.clip}: face-frames covered",
                100 * result.covered / result.faces,
                "%",
                note,
            )
        yield Figure(f"{result.clip}: area covered", 100 * result.area, "%")
    faces = sum(result.faces for result in results)
    if faces:
        note = f"of {faces}"
        yield Figure(
            "all: face-frames covered",
            100 * sum(each.covered for each in results) / faces,
            "%",
            note,
        )
