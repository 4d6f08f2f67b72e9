"""``anoncam verify``: are the recordings still what was recorded?"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from tqdm import tqdm

from anoncam.cli.interrupts import stop_on_signals
from anoncam.cli.output import show, show_json
from anoncam.cli.verify_options import anchors_in, key_of
from anoncam.cli.which_daemon import which_daemon
from anoncam.clock import Stop
from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.config.last_good import recall
from anoncam.config.schema import Config
from anoncam.errors import InputError, StoppedError
from anoncam.evidence import verification
from anoncam.evidence.anchors import Anchor
from anoncam.evidence.succession import Keys
from anoncam.evidence.verification import State, Verification
from anoncam.segments.segment_name import SegmentName

TAMPERED, UNPLAYABLE, WITHOUT_EVIDENCE = 10, 11, 12

_MOST_LINES = 50

EXAMPLE = """\b
Ends with
  0   every segment is as it was recorded, or was deleted by retention
  3   there is nothing to verify, or it cannot be read
  10  a segment is missing or altered, or the chain of evidence does not hold
  11  none of that, but a segment does not play
  12  none of that, but a segment is without evidence
\b
Examples:
  anoncam verify
  anoncam verify --quick /srv/footage
  anoncam verify --camera door                      # of anoncam@door.service
  anoncam verify --key 5d1f…                         # as the printed sheet has it
  anoncam verify --anchor garden.json /srv/footage  # journalctl -o json, kept on the collector
  anoncam verify --json | jq '.segments[] | select(.state != "kept")'
"""


@click.command("verify", epilog=EXAMPLE)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--quick", is_flag=True, help="Do not play the segments, which takes seconds for each."
)
@click.option(
    "--key",
    metavar="FINGERPRINT|FILE",
    callback=key_of,
    default="",
    help="Insist on this key, or one that has followed it: see anoncam evidence sheet.",
)
@click.option(
    "--anchor",
    "anchor_files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Insist on the records in FILE, which was kept elsewhere: the journal as JSON, an event"
    " log, time stamps, a copy of the chain or of a sidecar.",
)
@click.option(
    "--authority",
    metavar="PEM",
    type=click.Path(path_type=Path),
    help="The certificates of the service that made the time stamps.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@which_daemon
def verify_command(
    places: list[Folders],
    folder: Path | None,
    quick: bool,
    key: str,
    anchor_files: tuple[Path, ...],
    authority: Path | None,
    as_json: bool,
) -> None:
    """Compare the recordings in DIR with their evidence, and play each to its end.

    DIR is the daemon's folder by default. A segment is kept, deleted by retention, missing,
    altered, unplayable or without evidence.
    """
    folder = folder or default_folder(places)
    anchors = anchors_in(anchor_files, authority)
    # A daemon that records on this machine has priority.
    os.nice(10)
    result = _verify(folder, anchors, key=key, play=not quick, stop=stop_on_signals())
    if not (result.verdicts or result.problems or result.chain.records or result.being_written):
        raise InputError(f"there are no recordings in {folder}", "name their folder")
    code = exit_code(result)
    if as_json:
        show_json(_as_json(result, code))
    else:
        show(*_lines(result, quick=quick))
    raise SystemExit(code)


def default_folder(places: Sequence[Folders]) -> Path:
    """The folder of recordings of the first daemon that has one on this machine."""
    candidates = [
        folders.recordings_folder((recall(place.state) or Config()).recording, place.state)
        for place in places
    ]
    return next((folder for folder in candidates if folder.is_dir()), candidates[0])


def exit_code(result: Verification) -> int:
    """The exit code of the worst verdict."""
    if result.problems or result.count(State.MISSING) or result.count(State.ALTERED):
        return TAMPERED
    if result.count(State.UNPLAYABLE):
        return UNPLAYABLE
    return WITHOUT_EVIDENCE if result.count(State.WITHOUT_EVIDENCE) else 0


def _verify(
    folder: Path, anchors: Sequence[Anchor], *, key: str, play: bool, stop: Stop
) -> Verification:
    def check() -> None:
        if stop.requested:
            raise StoppedError("stopped before all was verified")

    def watch(segments: list[SegmentName]) -> Iterable[SegmentName]:
        return tqdm(
            segments,
            desc="verify",
            unit=" segments",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )

    try:
        return verification.verify(
            folder, play=play, watch=watch, check=check, key=key, anchors=anchors
        )
    except OSError as error:
        raise InputError(
            f"{error.filename or folder} cannot be read: {error.strerror}",
            "use sudo, or another folder",
        ) from error


def _lines(result: Verification, *, quick: bool) -> list[str]:
    verdicts = [
        f"{verdict.state.upper():<20} {verdict.name}: {verdict.what}"
        for verdict in _remarkable(result)
    ]
    problems = [f"{'CHAIN':<20} {problem}" for problem in result.problems]
    lines = [*_shortened(problems), *_shortened(verdicts)]
    counts = Counter(verdict.state for verdict in result.verdicts)
    states = ", ".join(
        f"{counts[state]} {state}" for state in State if counts[state] or state is State.KEPT
    )
    lines.append(f"segments  {states}{', not played' if quick else ''}")
    if result.being_written:
        lines.append(f"          {result.being_written} being written")
    chain = result.chain
    holds = "it does not hold" if result.problems else "it holds"
    lines.append(f"chain     {chain.records} records; {holds}")
    lines += [f"          {remark}" for remark in _shortened(chain.remarks)]
    if result.anchors is not None:
        lines += [f"anchors   {each}" for each in _shortened([*result.anchors.remarks])]
    lines.append(f"key       {_describe_keys(chain.keys)}")
    if chain.head:
        lines.append(f"head      {chain.head}")
    return lines


def _describe_keys(keys: Keys) -> str:
    if not keys.since:
        return "none: nothing is signed, so whoever could write the folder could forge all of it"
    revoked = f"; revoked: {', '.join(keys.revoked)}" if keys.revoked else ""
    return keys.in_force + revoked


def _remarkable(result: Verification) -> list[verification.Verdict]:
    return [
        each
        for each in result.verdicts
        if each.state not in (State.KEPT, State.DELETED) or (each.state is State.KEPT and each.what)
    ]


def _shortened(lines: list[str]) -> list[str]:
    left_out = len(lines) - _MOST_LINES
    return lines if left_out <= 0 else [*lines[:_MOST_LINES], f"… and {left_out} more: see --json"]


def _as_json(result: Verification, code: int) -> dict[str, object]:
    chain = result.chain
    return {
        "folder": str(result.folder),
        "exit_code": code,
        "problems": result.problems,
        "chain": {
            "records": chain.records,
            "first": chain.first,
            "head": chain.head,
            "key": chain.keys.in_force or None,
            "keys": [
                {"key": each, "first": first, "revoked": chain.keys.revoked.get(each)}
                for each, first in chain.keys.since.items()
            ],
            "unsigned": len(chain.keys.unsigned),
            "remarks": chain.remarks,
        },
        "anchors": None if result.anchors is None else asdict(result.anchors),
        "being_written": result.being_written,
        "segments": [asdict(verdict) for verdict in result.verdicts],
    }
