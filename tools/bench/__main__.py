"""The command line of `python -m tools.bench`, which `make bench` runs."""

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from tools.bench.clip import default_clip
from tools.bench.figures import Bench, Figure
from tools.bench.measurements import MEASUREMENTS
from tools.common.errors import errors_in_one_line


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  python -m tools.bench --runs 5 --only commands",
)
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Runs that each median is taken over.",
)
@click.option(
    "--clip",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Video to run over.  [default: a shared clip, or one that is generated]",
)
@click.option("--only", type=click.Choice(list(MEASUREMENTS)), help="Take one measurement alone.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for the plots."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    runs: int, clip: Path | None, only: str | None, output: Path | None, as_json: bool
) -> None:
    """Measure what anoncam costs, beside a plain transcoding and deface, and what it covers."""
    with tempfile.TemporaryDirectory() as folder, errors_in_one_line("bench"):
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
        bench = Bench(clip or default_clip(Path(folder)), Path(folder), runs, output)
        if not as_json:
            machine = f"{platform.machine()}, {os.cpu_count()} cores"
            click.echo(f"{bench.clip.name}, medians of {runs} runs, on {machine}")
        figures = []
        for name in [only] if only else MEASUREMENTS:
            for figure in MEASUREMENTS[name](bench):
                figures.append(figure)
                if not as_json:
                    click.echo(_line(figure))
    if as_json:
        click.echo(json.dumps([asdict(figure) for figure in figures], indent=2))


def _line(figure: Figure) -> str:
    value = "-" if figure.value is None else f"{figure.value:.2f}"
    return f"  {figure.name:<55} {value:>9} {figure.unit:<3} {figure.note}"


if __name__ == "__main__":
    main()
