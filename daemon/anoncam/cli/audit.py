"""``anoncam audit``: does anything in finished footage look like a face?"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import click

from anoncam.audit.findings import Finding
from anoncam.audit.search import Search, Searched
from anoncam.audit.sheet import MOST, write_sheet
from anoncam.audit.whole_search import search_whole
from anoncam.cli.interrupts import stop_on_signals
from anoncam.cli.media_files import UNREAD, find_media
from anoncam.cli.output import show, show_json
from anoncam.cli.progress import Progress
from anoncam.clock import Stop
from anoncam.config.load import load
from anoncam.config.schema import DetectorSettings
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import InputError, StoppedError
from anoncam.events.counted import counted
from anoncam.frames import locked_memory

FACES = 13
"""The exit code if something looks like a face."""

MODEL = "anoncam-face-640x640"
"""The shipped model with the largest input."""

THRESHOLD = 0.2
"""Lower than the daemon's, which may have missed a face with a low score."""

_TIMEOUT = 30.0
"""Seconds that the detector may take for one view."""

_MOST_LINES = 50

EXAMPLE = """\b
Ends with
  0   nothing in any file looks like a face
  3   a file cannot be read, or there is none
  13  something looks like a face, whatever else happened
  14  something was not looked at: a kind that cannot be read, or a part of a file
\b
Examples:
  anoncam audit /srv/footage
  anoncam audit /srv/footage --sheet faces.png --every 0.2
  anoncam audit clip.mp4 --json | jq '.findings[] | select(.score > 0.5)'
"""


@dataclass(frozen=True)
class _Audit:
    """The result for all files.

    `problems` has a message for each that cannot be read, and `unseen` one for each file or part of
    a file that nobody has looked at.
    """

    files: int
    searched: list[Searched]
    problems: list[str]
    unseen: list[str]

    @property
    def findings(self) -> list[Finding]:
        return [finding for each in self.searched for finding in each.findings]


@click.command("audit", epilog=EXAMPLE)
@click.argument(
    "places", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path)
)
@click.option(
    "--sheet",
    type=click.Path(path_type=Path),
    help="A PNG to write, with a thumbnail of each finding.",
)
@click.option("--force", is_flag=True, help="Overwrite the sheet if it exists.")
@click.option(
    "--every",
    type=click.FloatRange(0),
    default=0.5,
    show_default=True,
    help="Seconds between the pictures to search.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=THRESHOLD,
    show_default=True,
    help="The least score to report.",
)
@click.option(
    "--model",
    default=MODEL,
    show_default=True,
    help="A .tflite file, or the name of a shipped model.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all findings as JSON.")
def audit_command(
    places: tuple[Path, ...],
    sheet: Path | None,
    force: bool,
    every: float,
    threshold: float,
    model: str,
    as_json: bool,
) -> None:
    """Search the videos and pictures of DIR (a folder or a file) for faces that are not covered.

    The search is more thorough than the daemon can be: the detector is shown each picture as a
    whole and in overlapping tiles, which enlarge small faces. Thumbnails, second pictures, covers
    and videos within a picture are searched as well, or listed as NOT SEEN. A finding is a reason
    to look, for the detector can be wrong; it can also miss a face. The sheet shows the faces as
    they are.
    """
    locked_memory.seal()
    found = [find_media(place) for place in places]
    files = [file for media in found for file in media.files if isinstance(file, Path)]
    unread = [why for media in found for _, why in media.unread]
    if not files and not unread:
        raise InputError(
            f"there is no footage in {', '.join(map(str, places))}", "name a folder of videos"
        )
    # A daemon that records on this machine has priority.
    os.nice(10)
    settings = DetectorSettings(
        model=model, device="cpu", threads=min(4, os.cpu_count() or 1), result_timeout=_TIMEOUT
    )
    stop = stop_on_signals()
    limits = load(None, os.environ).files
    with contextlib.closing(DetectorProcess(settings, threshold)) as detector:
        how = Search(detector, every, threshold, _TIMEOUT, limits)
        result = _search_all(files, unread, how, stop)
    findings = result.findings
    if sheet is not None and findings:
        write_sheet(findings, sheet, force=force)
    code = _exit_code(result)
    if as_json:
        show_json(_as_json(result, code))
    else:
        show(*_lines(result, sheet))
    raise SystemExit(code)


def _exit_code(result: _Audit) -> int:
    if result.findings:
        return FACES
    if result.problems:
        return InputError.exit_code
    return UNREAD if result.unseen else 0


def _search_all(files: list[Path], unread: list[str], how: Search, stop: Stop) -> _Audit:
    result = _Audit(len(files), [], [], list(unread))
    for number, file in enumerate(files, 1):
        try:
            with Progress(f"{file.name} ({number} of {len(files)})", None) as progress:
                whole = search_whole(file, how, stop, progress.show)
            result.searched.extend(whole.searched)
            result.unseen.extend(whole.unseen)
        except InputError as error:
            result.problems.append(str(error))
        if stop.requested:
            raise StoppedError("stopped before all files were searched")
    return result


def _lines(result: _Audit, sheet: Path | None) -> list[str]:
    findings = result.findings
    lines = [_line(number, finding) for number, finding in enumerate(findings[:_MOST_LINES], 1)]
    if len(findings) > _MOST_LINES:
        lines.append(f"… and {len(findings) - _MOST_LINES} more: see --json")
    lines += [f"UNREADABLE {problem}" for problem in result.problems]
    lines += [f"NOT SEEN {what}" for what in result.unseen]
    inferred = sum(each.inferred for each in result.searched)
    frames = sum(each.frames for each in result.searched)
    squares = sum(each.squares for each in result.searched)
    files = counted(len({finding.file for finding in findings}), "file")
    searched = counted(result.files - len(result.problems), "file")
    times = counted(len(findings), "time")
    lines.append(f"{searched} searched: {inferred} of {counted(frames, 'picture')}")
    lines.append(f"{times} something looks like a face, in {files}")
    lines.append(
        f"{counted(squares, 'time')} squares over a face look like one, which is not a finding"
    )
    if findings and sheet is not None:
        shown = f"the {MOST} with the highest scores" if len(findings) > MOST else "each of them"
        lines.append(f"{sheet} shows {shown}, by number")
    return lines


def _line(number: int, finding: Finding) -> str:
    left, top, right, bottom = finding.box
    times = f"{_clock(finding.first)} to {_clock(finding.last)}"
    size = f"size {right - left:.0f} x {bottom - top:.0f} at {left:.0f}, {top:.0f}"
    return (
        f"{number:>4}  {finding.score:.2f}  {finding.file} {times}: "
        f"{counted(finding.candidates, 'picture')}, {size}"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:04.1f}"


def _as_json(result: _Audit, code: int) -> dict[str, object]:
    return {
        "exit_code": code,
        "files": [
            {
                "file": str(each.file),
                "frames": each.frames,
                "inferred": each.inferred,
                "squares": each.squares,
            }
            for each in result.searched
        ],
        "problems": result.problems,
        "unseen": result.unseen,
        "findings": [
            {
                "number": number,
                "file": str(finding.file),
                "first": round(finding.first, 3),
                "last": round(finding.last, 3),
                "candidates": finding.candidates,
                "score": round(finding.score, 4),
                "at": round(finding.at, 3),
                "box": [round(value, 1) for value in _rectangle(finding)],
            }
            for number, finding in enumerate(result.findings, 1)
        ],
    }


def _rectangle(finding: Finding) -> tuple[float, float, float, float]:
    left, top, right, bottom = finding.box
    return left, top, right - left, bottom - top
