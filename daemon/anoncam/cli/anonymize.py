"""``anoncam anonymize``: the pipeline over files."""

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
    help="A file; with several inputs, or where it is one already, a folder.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Settings to use [default: built in].",
)
@click.option(
    "--keep-audio", is_flag=True, help="Copy the sound, in which voices can be recognised."
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the results as JSON on standard output."
)
def anonymize_command(
    inputs: tuple[Path, ...],
    output: Path,
    config_file: Path | None,
    keep_audio: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write copies of videos and pictures in which faces are covered.

    Resolution, timing and rotation stay; sound, EXIF, GPS, thumbnails and all other streams go. One
    bad input does not stop the others; the exit code is then that of the first one.
    """
    # The detector's process starts while this one loads its settings, its codecs and all else.
    with ChildProcess() as child:
        from anoncam.cli import batch  # noqa: PLC0415

        code = batch.anonymize_files(child, inputs, output, config_file, keep_audio, force, as_json)
    if code:
        raise SystemExit(code)
