"""The programs under test: any command that turns one video into another."""

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.common.processes import measure
from tools.leakrate.covering import Covered, read_covered

_OURS = "{python} -m tools.leakrate.run_anoncam {input} {output} --covered {covered}"

PROGRAMS = {
    "anoncam": _OURS,
    "deface": "{python} -m tools.leakrate.run_deface {input} {output} {covered}",
}
"""Those that are measured when none is named; each tells what it covers besides."""


@dataclass(frozen=True)
class Program:
    """A name, and a command with {input} and {output}.

    Where {covered} stands in it too, the command leaves there which boxes it has covered (see
    `Covered`); {python} is the interpreter that runs this.
    """

    name: str
    command: str


@dataclass(frozen=True)
class Run:
    """What a program did to one clip, and how many seconds of processor time that took."""

    output: Path
    covered: Covered | None
    seconds: float


def with_config(config: Path) -> str:
    """The command of anoncam with another configuration."""
    return f"{_OURS} --config {shlex.quote(str(config))}"


def run(program: Program, clip: Path, folder: Path, *, reuse: bool = False) -> Run:
    """Run `program` over `clip`; the output is left in `folder`, and taken from there with `reuse`
    where it is.

    Raises:
        CommandError: it failed.
        InputError: it did not tell what it covers, though it was asked to.
    """
    output, covered = (
        folder / f"{program.name}-{clip.stem}.mp4",
        folder / f"{program.name}-{clip.stem}.covered.json",
    )
    record = output.with_suffix(".json")
    if reuse and output.exists() and record.exists():
        seconds = float(json.loads(record.read_text())["seconds"])
        return Run(
            output, read_covered(covered) if "{covered}" in program.command else None, seconds
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
    return Run(output, read_covered(covered) if "{covered}" in program.command else None, seconds)


def _filled(part: str, places: Mapping[str, str]) -> str:
    for place, value in places.items():
        part = part.replace(place, value)
    return part
