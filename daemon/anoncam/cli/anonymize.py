"""``anoncam anonymize``: covers the faces in files."""

from fractions import Fraction
from pathlib import Path

import click

from anoncam.detectors.process.child_process import ChildProcess

EXAMPLE = """\b
Examples:
  anoncam anonymize holiday.mov -o holiday-anonymized.mp4
  anoncam anonymize *.jpg *.mp4 -o anonymized/ --json
"""


@click.command("anonymize", epilog=EXAMPLE)
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write; a folder with several inputs, or if it is one already.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Settings to use [default: built in].",
)
@click.option(
    "--keep-audio", is_flag=True, help="Copy the sound, too; voices can be recognised in it."
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 1000),
    help="Frames per second of raw streams (.h264, .hevc) [default: what they say, else 25].",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the results as JSON on standard output."
)
def anonymize_command(
    inputs: tuple[Path, ...],
    output: Path,
    config_file: Path | None,
    keep_audio: bool,
    rate: float | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write copies of videos and pictures in which faces are covered.

    Resolution, timing and rotation are kept; an odd width or height grows by one. Sound, EXIF, GPS,
    thumbnails and all other streams are left out, and a line says so. A file that holds two videos
    is refused. One bad input does not stop the others; the exit code is that of the first bad one.
    """
    # The detector's process starts while this one loads settings, codecs and the rest.
    with ChildProcess() as child:
        from anoncam.cli import batch  # noqa: PLC0415

        exact = None if rate is None else Fraction(rate).limit_denominator(1001)
        code = batch.anonymize_files(
            child, inputs, output, config_file, keep_audio, force, as_json, exact
        )
    if code:
        raise SystemExit(code)
