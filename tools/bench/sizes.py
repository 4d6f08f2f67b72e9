"""How the time of all stages grows with the size of the picture."""

from collections.abc import Iterator

from anoncam.config.schema import Config
from tools.bench.figures import Bench, Figure
from tools.bench.stages import time_stages
from tools.demo.footage import make_footage

SIZES = {
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "2160p": (3840, 2160),
}


_SECONDS = 2.0


def sizes(bench: Bench) -> Iterator[Figure]:
    """Time all stages over generated footage of each size, and plot them as stages.png."""
    shares = {}
    for name, (width, height) in SIZES.items():
        clip = bench.folder / f"{name}.mp4"
        make_footage(clip, width=width, height=height, seconds=_SECONDS)
        shares[name] = time_stages(clip, Config()).per_frame()
        parts = ", ".join(f"{stage} {share:.1f}" for stage, share in shares[name].items())
        yield Figure(f"{name}: all stages, per frame", sum(shares[name].values()), "ms", parts)
    if bench.plots is not None:
        # Imported here: only a plot needs matplotlib.
        from tools.bench.stage_plot import draw_stages  # noqa: PLC0415

        draw_stages(shares, bench.plots / "stages.png")
