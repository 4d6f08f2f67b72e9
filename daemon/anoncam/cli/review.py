"""``anoncam review``: a sheet on which a person checks what is covered."""

from pathlib import Path

import click

_EXAMPLE = """\b
Example:
  anoncam review party.json party.mp4 -o party.html
"""
_FILE = click.Path(path_type=Path)


@click.command("review", epilog=_EXAMPLE)
@click.argument("coverage", type=_FILE)
@click.argument("footage", metavar="INPUT", type=_FILE)
@click.option(
    "-o", "--output", required=True, type=_FILE, help="The sheet to write: .html or .png."
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def review_command(coverage: Path, footage: Path, output: Path, force: bool) -> None:
    """Write a sheet of what COVERAGE covers in INPUT, the tracks of most doubt first.

    Its thumbnails are those of the anonymized picture. The tracks are listed too, by the numbers
    that they have on the sheet.
    """
    import os  # noqa: PLC0415

    from anoncam.cli.interrupts import stop_on_signals  # noqa: PLC0415
    from anoncam.cli.output import show  # noqa: PLC0415
    from anoncam.cli.progress import Progress  # noqa: PLC0415
    from anoncam.clock import SystemClock  # noqa: PLC0415
    from anoncam.config.load import load  # noqa: PLC0415
    from anoncam.frames import locked_memory  # noqa: PLC0415
    from anoncam.review.coverage_file import read_document  # noqa: PLC0415
    from anoncam.review.given_coverage import check_identity  # noqa: PLC0415
    from anoncam.review.look_through import look_through  # noqa: PLC0415
    from anoncam.review.sheet import describe, sheet_output, write_sheet  # noqa: PLC0415
    from anoncam.sources.file import FileSource  # noqa: PLC0415

    locked_memory.seal()
    stop = stop_on_signals()
    document = read_document(coverage)
    target = sheet_output(output, force=force)
    limits = load(None, os.environ).files
    with (
        FileSource(
            footage, paced=False, loop=False, clock=SystemClock(), stop=stop, limits=limits
        ) as source,
        Progress(footage.name, document.source.frames) as progress,
    ):
        check_identity(document, footage, source.format)
        looks = look_through(document, source, stop, progress.show)
    write_sheet(document, looks, target)
    show(
        *(f"{number} {describe(look.track, document)}" for number, look in enumerate(looks, 1)),
        f"{output}: {len(looks)} of {len(document.tracks)} tracks",
    )
