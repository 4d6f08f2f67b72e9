"""How the results of ``anoncam anonymize`` are printed."""

from dataclasses import asdict

from anoncam.archive.one_file import FileResult
from anoncam.cli.output import show, show_error, show_json


def report_one(result: FileResult) -> None:
    """Print what became of one file."""
    for warning in result.warnings:
        show_error(f"anoncam: warning: {warning}")
    if result.output is not None:
        counted = f"{result.faces_covered} faces covered, {result.veiled} veiled"
        show(f"{result.output}: {result.frames} frames, {counted}")
        if result.left_out:
            show(f"{result.output}: left out: {result.left_out}")
    if result.error is not None:
        show_error(f"anoncam: {result.error}")


def report_all(results: list[FileResult], *, as_json: bool) -> None:
    """Print all results, as JSON or as a table with the reason for each that was refused."""
    if as_json:
        show_json([asdict(result) for result in results])
    elif len(results) > 1:
        show(*_table(results))


def _table(results: list[FileResult]) -> list[str]:
    lines = ["", "RESULT   FILE"]
    for result in results:
        state = "refused" if result.output is None else "broken" if result.error else "done"
        why = "" if result.error is None else f": {result.error}"
        lines.append(f"{state:<8} {result.input}{why}")
    refused = sum(result.output is None for result in results)
    broken = sum(result.output is not None and result.error is not None for result in results)
    done = len(results) - refused - broken
    lines.append(f"{done} done, {broken} written up to where they break off, {refused} refused")
    return lines
