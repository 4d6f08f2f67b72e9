"""``anoncam coverage``: converts coverage files for the tools that people review with."""

from pathlib import Path

import click

_EXAMPLE = """\b
Examples:
  anoncam coverage to-cvat party.json -o party.xml
  anoncam coverage from-cvat party.xml --base party.json -o reviewed.json
"""
_FILE = click.Path(path_type=Path)
_OUTPUT = click.option("-o", "--output", required=True, type=_FILE, help="The file to write.")
_FORCE = click.option("--force", is_flag=True, help="Overwrite a file that exists.")
_BASE = click.option(
    "--base",
    required=True,
    type=_FILE,
    help="The coverage file that was converted: it has what the tool does not keep.",
)


@click.group("coverage", epilog=_EXAMPLE)
def coverage() -> None:
    """Convert coverage files to and from CVAT and COCO.

    Boxes are converted in pixels of the upright picture. What nobody has changed in the tool comes
    back exactly.
    """


@coverage.command("to-cvat")
@click.argument("file", type=_FILE)
@_OUTPUT
@_FORCE
def to_cvat_command(file: Path, output: Path, force: bool) -> None:
    """Write FILE as "CVAT for video 1.1"."""
    from anoncam.review.coverage_file import read_document  # noqa: PLC0415
    from anoncam.review.cvat import to_cvat  # noqa: PLC0415

    _write(to_cvat(read_document(file)), output, force=force)


@coverage.command("to-coco")
@click.argument("file", type=_FILE)
@_OUTPUT
@_FORCE
def to_coco_command(file: Path, output: Path, force: bool) -> None:
    """Write FILE as COCO's JSON."""
    from anoncam.review.coco import to_coco  # noqa: PLC0415
    from anoncam.review.coverage_file import read_document  # noqa: PLC0415

    text = to_coco(read_document(file)).model_dump_json(exclude_none=True)
    _write(text, output, force=force)


@coverage.command("from-cvat")
@click.argument("file", type=_FILE)
@_BASE
@_OUTPUT
@_FORCE
def from_cvat_command(file: Path, base: Path, output: Path, force: bool) -> None:
    """Write a coverage file from FILE, which CVAT has exported as "CVAT for video 1.1"."""
    from anoncam.recording.whole_file import WholeFile  # noqa: PLC0415
    from anoncam.review.coverage_file import read_document, write_document  # noqa: PLC0415
    from anoncam.review.cvat import from_cvat  # noqa: PLC0415

    write_document(from_cvat(file, read_document(base)), WholeFile(output, force=force))


@coverage.command("from-coco")
@click.argument("file", type=_FILE)
@_BASE
@_OUTPUT
@_FORCE
def from_coco_command(file: Path, base: Path, output: Path, force: bool) -> None:
    """Write a coverage file from FILE, which is COCO's JSON."""
    from anoncam.recording.whole_file import WholeFile  # noqa: PLC0415
    from anoncam.review.coco import from_coco  # noqa: PLC0415
    from anoncam.review.coverage_file import read_document, write_document  # noqa: PLC0415

    write_document(from_coco(file, read_document(base)), WholeFile(output, force=force))


def _write(text: str, output: Path, *, force: bool) -> None:
    from anoncam.recording.whole_file import WholeFile  # noqa: PLC0415
    from anoncam.review.coverage_file import write_whole  # noqa: PLC0415

    write_whole(text.encode(), WholeFile(output, force=force))
