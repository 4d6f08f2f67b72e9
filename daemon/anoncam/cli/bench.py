"""``anoncam bench``: how fast this machine anonymizes a video."""

from dataclasses import asdict
from pathlib import Path

import click

from anoncam.events.counted import counted

_EXAMPLE = """\b
Examples:
  anoncam bench
  anoncam bench --json >bench.json
  anoncam bench holiday.mp4
"""


@click.command("bench", epilog=_EXAMPLE)
@click.argument("clip", required=False, type=click.Path(path_type=Path))
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def bench_command(clip: Path | None, rounds: int, as_json: bool) -> None:
    """Measure how long a video takes, beside the least that any program does to it.

    Without CLIP, ten seconds of footage without people are made for it. What it prints has no names
    of this machine but its model, and is worth posting.
    """
    from anoncam.bench.measurement import measure  # noqa: PLC0415
    from anoncam.cli.output import show, show_error, show_json  # noqa: PLC0415

    result = measure(clip, show_error, rounds)
    if as_json:
        show_json(asdict(result))
        return
    show(
        f"anoncam {result.version} on {result.machine}, {result.cores} cores",
        f"clip         {result.clip}, medians of {counted(result.rounds, 'round')}",
        f"floor        {result.floor:.2f} s, processor {result.floor_cpu:.2f} s"
        " (decode and encode alone)",
        f"anonymize    {result.anonymize:.2f} s, processor {result.anonymize_cpu:.2f} s",
        f"ratio        {result.ratio:.2f}, processor {result.cpu_ratio:.2f}",
    )
