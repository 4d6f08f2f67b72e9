"""All measurements by name."""

from tools.bench.archives import archives
from tools.bench.blur import blur
from tools.bench.commands import commands
from tools.bench.coverage import covered
from tools.bench.crowds import crowds
from tools.bench.figures import Measurement
from tools.bench.latencies import latencies
from tools.bench.passes import passes
from tools.bench.quality import quality
from tools.bench.sizes import sizes
from tools.bench.stages import stages

MEASUREMENTS: dict[str, Measurement] = {
    "commands": commands,
    "quality": quality,
    "passes": passes,
    "stages": stages,
    "sizes": sizes,
    "crowds": crowds,
    "latencies": latencies,
    "blurring": blur,
    "covered": covered,
    "archives": archives,
}
"""In the order in which they run."""
