"""``anoncam status``: is the daemon recording, and are faces safe?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from anoncam.cli.output import show, show_json
from anoncam.cli.which_daemon import which_daemon
from anoncam.clock import as_local, parse_time
from anoncam.config.folders import Folders
from anoncam.events.event_log_reader import read_note
from anoncam.service import control_socket, status
from anoncam.service.status import State

STALE = 10.0
"""Age in seconds from which a status means that the daemon hangs: it is written every second."""

RECORDING, NOT_RUNNING, NOT_RECORDING, VEILED, HANGING = 0, 3, 7, 8, 9

EXAMPLE = """\b
Ends with
  0  it is recording, and the detector works
  3  it is not running
  7  it is running, but records nothing: it waits for a camera or a disk
  8  it is recording veiled frames, since the detector does not work
  9  it is running, but has not reported for 10 seconds: it hangs
\b
Examples:
  anoncam status
  ssh pi@garden anoncam status --json | jq .verdict
  anoncam status --camera door    # of anoncam@door.service
"""


@click.command("status", epilog=EXAMPLE)
@click.option("--json", "as_json", is_flag=True, help="Print the whole status as JSON.")
@which_daemon
def status_command(places: list[Folders], as_json: bool) -> None:
    """Print what the daemon does now: are faces safe, what is recorded, how much disk is left?"""
    found, report, code, verdict = find(places)
    if as_json:
        show_json({"verdict": verdict, "exit_code": code, **report})
    else:
        show(*lines(found, report, code, verdict))
    raise SystemExit(code)


def find(places: Sequence[Folders]) -> tuple[Folders, dict[str, Any], int, str]:
    """The folders, status, exit code and verdict of the running daemon, else of one that has run.

    Raises:
        NotRunningError: this user may not connect to a daemon that may be there.
    """
    best: tuple[Folders, dict[str, Any], int, str] | None = None
    refused: OSError | None = None
    for place in places:
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
        raise control_socket.no_access(refused or PermissionError(), places[0].runtime)
    return best


def judge(report: Mapping[str, Any], *, alive: bool, now: datetime) -> tuple[int, str]:
    """The exit code of a status, and a verdict in words."""
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
    printed = [f"anoncam is {verdict}"]
    if code == NOT_RUNNING:
        if report:
            printed += [f"last known  {as_local(report.get('at'))}: {report.get('doing')}"]
        return [*printed, f"state in    {found.state}"]
    counts, recording, detector = (
        report["counts"],
        report.get("recording") or {},
        report.get("detector"),
    )
    printed += [
        f"now         {status.sentence(report)}",
        f"faces       {_faces(counts, detector, code)}",
        f"source      {report.get('source') or 'none yet'}",
        f"detector    {_detector(detector)}",
        f"recorded    {counts['recorded']} frames, {counts['veiled']} of them veiled,"
        f" {counts['dropped']} dropped",
        f"footage     {recording.get('open_segment') or recording.get('folder') or 'none yet'}",
        *_upload(recording.get("upload")),
        f"config      {report['config']['file']}",
    ]
    printed += [f"            {problem}" for problem in report["config"]["problems"]]
    return [
        *printed,
        f"reported    {as_local(report['at'])}, process {report['pid']},"
        f" version {report['version']}",
    ]


def _faces(counts: Mapping[str, Any], detector: object, code: int) -> str:
    if code == NOT_RECORDING:
        return "safe: nothing is recorded"
    if counts["veil"] or not detector:
        reason = counts["veil"] or "there is no detector yet"
        return f"safe: whole frames are covered, because {reason}"
    return f"covered, as far as the detector finds them: {counts['faces']} now"


def _upload(backlog: Mapping[str, Any] | None) -> list[str]:
    if not backlog:
        return []
    text = f"upload      {status.backlog(backlog)}"
    return [text, f"            {backlog['problem']}"] if backlog["problem"] else [text]


def _detector(detector: Mapping[str, Any] | None) -> str:
    if not detector:
        return "none yet"
    name = f"{detector['model']} on {detector['device']} with {detector['runtime']}"
    reason = detector["coral_problem"] or detector["reason"]
    return f"{name}, {detector['latency_ms']:.0f} ms per result; {reason}"
