"""The plot of the time of each stage."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure as Drawing

from tools.bench.stopwatch import STAGES


def draw_stages(shares: dict[str, dict[str, float]], output: Path) -> None:
    """Draw milliseconds per frame, a bar of stages for each footage, into `output` (PNG)."""
    drawing = Drawing(figsize=(9, 1.2 + 0.5 * len(shares)), layout="constrained")
    axes = drawing.subplots()
    left = np.zeros(len(shares))
    for stage in STAGES:
        values = np.array([row[stage] for row in shares.values()])
        axes.barh(list(shares), values, left=left, label=stage)
        left += values
    axes.set(xlabel="milliseconds per frame, one thread")
    axes.invert_yaxis()
    drawing.legend(fontsize="small", ncols=len(STAGES), loc="outside lower center")
    drawing.savefig(output, dpi=110)
