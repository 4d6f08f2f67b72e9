"""``anoncam anonymize``: covers the faces in files."""

from pathlib import Path

import click

from anoncam.detectors.process.child_process import ChildProcess

EXAMPLE = """\b
Examples:
  anoncam anonymize holiday.mov -o holiday-anonymized.mp4
  anoncam anonymize *.jpg *.mp4 -o anonymized/ --json
  anoncam anonymize photos/ -o anonymized/
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
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
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

    Resolution, timing and rotation are kept. Sound, EXIF, GPS, thumbnails and all other streams are
    left out. Of a folder, all files with videos or pictures are taken, whatever they are called; a
    result has the name of what it is: .mp4 for an animated PNG, .jpg for a HEIC. One bad input does
    not stop the others, and a table says at the end which were refused, and why. The exit code is
    that of the first bad one; 14 if only files of other kinds were not read.
    """
    # The detector's process starts while this one loads settings, codecs and the rest.
    with ChildProcess() as child:
        from anoncam.cli import batch  # noqa: PLC0415

        code = batch.anonymize_files(child, inputs, output, config_file, keep_audio, force, as_json)
    if code:
        raise SystemExit(code)
