"""The programs under test: commands that turn one video into another."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.common.processes import measure
from tools.leakrate.reported_coverage import ReportedCoverage, read_coverage

_ANONCAM = "{python} -m tools.leakrate.run_anoncam {input} {output} --covered {covered}"

PROGRAMS = {
    "anoncam": _ANONCAM,
    "deface": "{python} -m tools.leakrate.run_deface {input} {output} {covered}",
}
"""The commands that are known by name. Each also reports what it covers."""


@dataclass(frozen=True)
class Program:
    """A name, and a command with the placeholders {input} and {output}.

    A command with {covered} writes there which boxes it has covered, as `ReportedCoverage`.
    {python} is the interpreter that runs this.
    """

    name: str
    command: str


@dataclass(frozen=True)
class Run:
    """What a program made of one clip, and the seconds of processor time that it took."""

    output: Path
    covered: ReportedCoverage | None
    seconds: float


def with_config(config: Path) -> str:
    """The command of anoncam with another configuration file."""
    return f"{_ANONCAM} --config {shlex.quote(str(config))}"


def run(program: Program, clip: Path, folder: Path, *, reuse: bool = False) -> Run:
    """Run `program` over `clip` and keep the output in `folder`.

    With `reuse`, an output of an earlier run is taken where there is one.

    Raises:
        CommandError: it failed.
        InputError: it did not report what it covers, although its command has {covered}.
    """
    output, covered = (
        folder / f"{program.name}-{clip.stem}.mp4",
        folder / f"{program.name}-{clip.stem}.covered.json",
    )
    record = output.with_suffix(".json")
    if reuse and output.exists() and record.exists():
        seconds = float(json.loads(record.read_text())["seconds"])
        return Run(
            output, read_coverage(covered) if "{covered}" in program.command else None, seconds
        )
    output.unlink(missing_ok=True)
    places = {
        "{python}": sys.executable,
        "{input}": str(clip),
        "{output}": str(output),
        "{covered}": str(covered),
    }
    seconds = measure([_filled(part, places) for part in shlex.split(program.command)]).cpu
    record.write_text(json.dumps({"command": program.command, "seconds": seconds}))
    return Run(output, read_coverage(covered) if "{covered}" in program.command else None, seconds)


def _filled(part: str, places: Mapping[str, str]) -> str:
    for place, value in places.items():
        part = part.replace(place, value)
    return part
