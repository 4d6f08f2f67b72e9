"""``anoncam anonymize``: covers the faces in files."""

import gc
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import click

from anoncam.cli.place_type import PlaceType
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.processes.confined_process import start_fork_server
from anoncam.stores.place import Place

EXAMPLE = """\b
Examples:
  anoncam anonymize holiday.mov -o holiday-anonymized.mp4
  anoncam anonymize *.jpg *.mp4 -o anonymized/ --json
  anoncam anonymize party.mp4 -o draft.mp4 --write-coverage party.json
  anoncam anonymize party.mp4 -o party-anonymized.mp4 --coverage party.json --remove 'track 7'
  anoncam anonymize photos/ -o anonymized/
  anoncam anonymize archive/ -o anonymized/ --jobs 4
  anoncam anonymize /nfs/archive/ -o /nfs/anonymized/ --scheduler tcp://host:8786
  anoncam anonymize s3://footage/archive -o s3://footage/anonymized --scheduler tcp://host:8786
"""


@click.command("anonymize", epilog=EXAMPLE)
@click.argument("inputs", nargs=-1, required=True, type=PlaceType())
@click.option(
    "-o",
    "--output",
    required=True,
    type=PlaceType(),
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
    "--write-coverage",
    "write",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write what is covered, frame by frame, to this file (one input).",
)
@click.option(
    "--coverage",
    "apply",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Cover what this file says, without a detector (one input).",
)
@click.option("--detect", is_flag=True, help="With --coverage: cover what is detected, too.")
@click.option(
    "--remove",
    multiple=True,
    metavar="TRACK",
    help="With --coverage: leave this track out, such as 'track 7'; can be repeated.",
)
@click.option(
    "--add",
    multiple=True,
    metavar="BOX@FROM-TO",
    help="With --coverage: cover left,top,right,bottom in pixels from one time to another, "
    "such as 120,80,180,150@1:02.5-1:04; can be repeated.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes side by side, for several files or a long one [default: one for each core].",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do the work, such as tcp://host:8786.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the results as JSON on standard output."
)
def anonymize_command(
    inputs: tuple[Place, ...],
    output: Place,
    config_file: Path | None,
    keep_audio: bool,
    rate: float | None,
    force: bool,
    as_json: bool,
    write: Path | None,
    apply: Path | None,
    detect: bool,
    remove: tuple[str, ...],
    add: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Write copies of videos and pictures in which faces are covered.

    Resolution, timing and rotation are kept; an odd width or height of a video grows by one. Sound,
    EXIF, GPS, thumbnails and all other streams are left out, and a line says so. A file that holds
    two videos is refused. Of a folder, all files with videos or pictures are taken, whatever they
    are called; a result has the name of what it is: .mp4 for an animated PNG, .jpg for a HEIC. One
    bad input does not stop the others, and a table says at the end which were refused, and why. The
    exit code is that of the first bad one; 14 if only files of other kinds were not read.

    Several files are done side by side, and one of two minutes or more in chunks. What is done is
    noted in a folder beside the output, OUTPUT.anoncam, with a report; the same command again goes
    on from there.

    An input or output may be a URL of a store that fsspec knows, such as s3://bucket/folder or
    sftp://host/folder. It must not have a password: that is for the environment of each process.
    """
    if (apply or write) and len(inputs) > 1:
        raise click.UsageError("a coverage file is that of one input: call once for each.")
    if apply is None and (detect or remove or add):
        raise click.UsageError("--detect, --remove and --add go with --coverage.")
    if scheduler and (jobs or apply or write):
        raise click.UsageError("--scheduler goes without --jobs and without coverage files.")
    is_here = all(isinstance(place, Path) for place in (*inputs, output))
    if not is_here and (apply or write):
        raise click.UsageError("a coverage file is that of a file of this machine, not of a URL.")
    is_one = is_here and len(inputs) == 1 and not inputs[0].is_dir() and not scheduler
    # The other processes start while this one loads settings, codecs and the rest.
    with ChildProcess() if is_one and (apply is None or detect) else nullcontext() as child:
        start_fork_server()
        # What is loaded stays: to look for garbage in it takes a tenth of the time to load, and
        # longer at the end.
        gc.disable()
        from anoncam.cli import batch  # noqa: PLC0415
        from anoncam.review.reviewing import CoverageOptions  # noqa: PLC0415

        gc.freeze()
        gc.enable()
        options = CoverageOptions(apply, detect, write, remove, add)
        exact = None if rate is None else Fraction(rate).limit_denominator(1001)
        code = batch.anonymize_files(
            child,
            inputs,
            output,
            config_file,
            keep_audio,
            force,
            as_json,
            options,
            exact,
            jobs,
            scheduler,
        )
    if code:
        raise SystemExit(code)
