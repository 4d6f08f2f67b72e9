"""``anoncam status``: at a glance, are faces safe and is it recording?"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from anoncam.clock import as_local, parse_time
from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.events.event_log_reader import read_note
from anoncam.service import control_socket, status
from anoncam.service.status import State

STALE = 10.0
"""Seconds after which a status that is written every second is that of a daemon that hangs."""

RECORDING, NOT_RUNNING, NOT_RECORDING, VEILED, HANGING = 0, 3, 7, 8, 9

EXAMPLE = """\b
Ends with
  0  it is recording, and the detector examines what it records
  3  it is not running
  7  it is running, but records nothing: it waits for a camera or a disk
  8  it is recording veiled frames, since the detector does not answer
  9  it is running, but has not told anything for 10 seconds: it hangs
\b
Examples:
  anoncam status
  ssh pi@garden anoncam status --json | jq .verdict
"""


@click.command("status", epilog=EXAMPLE)
@click.option("--json", "as_json", is_flag=True, help="Print all that is known as JSON.")
def status_command(as_json: bool) -> None:
    """Say what the daemon does now: whether faces are safe, what is recorded, and how much disk is
    left.
    """
    found, report, code, verdict = find(os.environ)
    if as_json:
        click.echo(json.dumps({"verdict": verdict, "exit_code": code, **report}, indent=2))
    else:
        click.echo("\n".join(lines(found, report, code, verdict)))
    raise SystemExit(code)


def find(environment: Mapping[str, str]) -> tuple[Folders, dict[str, Any], int, str]:
    """The first daemon that runs, else the first that ever ran: its folders, its status, and what
    to think of it.

    Raises:
        NotRunningError: there may be one, but it may not be asked.
    """
    best: tuple[Folders, dict[str, Any], int, str] | None = None
    refused: OSError | None = None
    candidates = folders.to_inspect(environment)
    for place in candidates:
        try:
            alive = control_socket.is_alive(place.runtime)
            report = status.read(place.runtime) or read_note(place.state)
        except PermissionError as error:
            refused = refused or error
            continue
        code, verdict = judge(report, alive=alive, now=datetime.now(UTC))
        if alive:
            return place, report, code, verdict
        if best is None or (report and not best[1]):
            best = place, report, code, verdict
    if best is None or (refused is not None and not best[1]):
        raise control_socket.no_answer(refused or PermissionError(), candidates[0].runtime)
    return best


def judge(report: Mapping[str, Any], *, alive: bool, now: datetime) -> tuple[int, str]:
    """The exit code, and a word for it."""
    if not alive:
        ended = report.get("state") in (None, State.STOPPED)
        return NOT_RUNNING, "not running" if ended else "not running: it ended without a stop"
    at = parse_time(report.get("at"))
    if at is None or (now - at).total_seconds() > STALE:
        return HANGING, "running, but it hangs"
    failing = (report.get("recording") or {}).get("state", "working") != "working"
    if report["state"] != State.RECORDING or failing:
        return NOT_RECORDING, "running, but not recording"
    if report["counts"]["veil"]:
        return VEILED, "recording, veiled"
    return RECORDING, "recording"


def lines(found: Folders, report: Mapping[str, Any], code: int, verdict: str) -> list[str]:
    """The status for people."""
    told = [f"anoncam is {verdict}"]
    if code == NOT_RUNNING:
        if report:
            told += [f"last known  {as_local(report.get('at'))}: {report.get('doing')}"]
        return [*told, f"state in    {found.state}"]
    counts, recording, detector = (
        report["counts"],
        report.get("recording") or {},
        report.get("detector"),
    )
    told += [
        f"now         {status.sentence(report)}",
        f"faces       {_faces(counts, detector, code)}",
        f"source      {report.get('source') or 'none yet'}",
        f"detector    {_detector(detector)}",
        f"recorded    {counts['recorded']} frames, {counts['veiled']} of them veiled, {counts['dropped']} dropped",
        f"footage     {recording.get('open_segment') or recording.get('folder') or 'none yet'}",
        f"config      {report['config']['file']}",
    ]
    told += [f"            {problem}" for problem in report["config"]["problems"]]
    return [
        *told,
        f"told        {as_local(report['at'])}, process {report['pid']},"
        f" version {report['version']}",
    ]


def _faces(counts: Mapping[str, Any], detector: object, code: int) -> str:
    if code == NOT_RECORDING:
        return "safe: nothing is recorded"
    if counts["veil"] or not detector:
        return f"safe: whole frames are covered, because {counts['veil'] or 'there is no detector yet'}"
    return f"covered, as far as the detector finds them: {counts['faces']} now"


def _detector(detector: Mapping[str, Any] | None) -> str:
    if not detector:
        return "none yet"
    name = f"{detector['model']} on {detector['device']} with {detector['runtime']}"
    return f"{name}, {detector['latency_ms']:.0f} ms per answer; {detector['coral_problem'] or detector['reason']}"
