"""How the results of ``anoncam anonymize`` are printed."""

from collections import Counter
from dataclasses import asdict

from anoncam.archive.one_file import FileResult
from anoncam.cli.output import show, show_error, show_json
from anoncam.events.counted import counted

_UNFINISHED = "not done"


def report_one(result: FileResult) -> None:
    """Print what became of one file."""
    for warning in result.warnings:
        show_error(f"anoncam: warning: {warning}")
    if result.output is not None:
        frames, faces = counted(result.frames, "frame"), counted(result.faces_covered, "face")
        show(f"{result.output}: {frames}, {faces} covered, {result.veiled} veiled")
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
    lines, states = ["", "RESULT   FILE"], Counter[str]()
    for result in results:
        states[state := _state(result)] += 1
        lines.append(f"{state:<8} {_named(result)}")
    count = (
        f"{states['done']} done, {states['broken']} written up to where they break off, "
        f"{states['refused']} refused"
    )
    if states[_UNFINISHED]:
        count += f", {states[_UNFINISHED]} not done yet: the same command goes on"
    return [*lines, count]


def _state(result: FileResult) -> str:
    if result.unfinished:
        return _UNFINISHED
    if result.output is None:
        return "refused"
    return "broken" if result.error else "done"


def _named(result: FileResult) -> str:
    """The input and what is wrong with it, which mostly begins with its name."""
    if result.error is None or result.error.startswith(f"{result.input} "):
        return result.error or result.input
    return f"{result.input}: {result.error}"
