"""``anoncam doctor``: what is wrong with this machine, and what helps."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from anoncam import __version__
from anoncam.cli.output import show, show_json, show_progress
from anoncam.cli.status import NOT_RUNNING, find
from anoncam.cli.version import commit
from anoncam.cli.which_daemon import camera_option, config_of, places_to_ask, state_folder_option
from anoncam.clock import SystemClock
from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config
from anoncam.doctor import (
    camera,
    confinement,
    coral,
    evidence_key,
    hardware_test,
    machine,
    memory_need,
    report,
    software,
)
from anoncam.doctor.check import (
    Finding,
    Installation,
    Verdict,
    note,
    ok,
    problem,
)
from anoncam.doctor.published import publish
from anoncam.errors import NotRunningError, StorageError
from anoncam.events.redaction import redact, redact_all
from anoncam.feed.cameras import find_cameras
from anoncam.frames import locked_memory
from anoncam.service import status
from anoncam.service.instances import instance_of

CHECKS: dict[str, Callable[[Installation], Iterator[Finding]]] = {
    "camera": camera.check,
    "coral": coral.check,
    "detector": software.check_detector,
    "encoder": software.check_encoder,
    "disk": machine.check_disk,
    "clock": machine.check_clock,
    "permissions": machine.check_permissions,
    "memory": machine.check_memory,
    "memory need": memory_need.check,
    "power": machine.check_power,
    "evidence": evidence_key.check,
    "confinement": confinement.check,
}
"""All checks, in their order."""

EXAMPLE = """\b
Ends with 1 if there is a problem, else with 0.
\b
Examples:
  sudo anoncam doctor
  sudo anoncam doctor --json | jq '.findings[] | select(.verdict == "problem")'
  sudo anoncam doctor --report >report.txt
  sudo anoncam doctor --hardware-test >report.txt    # after systemctl stop anoncam
"""


@click.command(epilog=EXAMPLE)
@camera_option
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=folders.CONFIG_FILE,
    show_default=True,
    help="The configuration to check the machine for.",
)
@state_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--hardware-test",
    "with_hardware",
    is_flag=True,
    help=f"Also record for {hardware_test.SECONDS:.0f} s, for a report to attach to a bug.",
)
@click.option(
    "--report",
    "as_report",
    is_flag=True,
    help="Print a report to attach to a bug, without secrets, addresses and names.",
)
@click.option(
    "--publish",
    "to_page",
    is_flag=True,
    help="Keep the findings for the web page, of all cameras that record, and print nothing.",
)
def doctor(
    camera: str | None,
    config_file: Path,
    state_folder: Path | None,
    as_json: bool,
    with_hardware: bool,
    as_report: bool,
    to_page: bool,
) -> None:
    """Check camera, Coral, detector, encoder, disk, clock, permissions, memory, power and evidence.

    Run it as root: other users cannot see all of it. A daemon that runs with the configuration is
    asked, else the one of the service.
    """
    config_file = config_of(camera, config_file)
    locked_memory.seal()
    # Faults are reported as findings, so the log stays silent.
    logging.getLogger("anoncam").setLevel(logging.CRITICAL)
    if to_page:
        _publish_all()
        return
    findings: list[Finding] = []
    quiet = as_json or as_report

    def add(some: Iterator[Finding]) -> None:
        for finding in some:
            findings.append(finding)
            if not quiet:
                _show(finding)

    if not quiet:
        show(f"anoncam {__version__}, config {config_file}")
    installation = _look(config_file, _places(camera, config_file, state_folder), add)
    _check(installation, add)
    if with_hardware:
        add(_guarded(hardware_test.CHECK, hardware_test.try_hardware(installation, show_progress)))
    problems = sum(finding.verdict is Verdict.PROBLEM for finding in findings)
    if as_report:
        about = (f"anoncam {__version__}, commit {commit()}",)
        show(*report.lines(installation, findings, about))
    elif as_json:
        facts = {
            "version": __version__,
            "problems": problems,
            "findings": [asdict(finding) for finding in findings],
        }
        show_json(redact_all(facts))
    else:
        show("no problem found" if not problems else f"problems found: {problems}")
    raise SystemExit(1 if problems else 0)


def _publish_all() -> None:
    """Publish the findings on all cameras of the machine whose daemons run.

    With its daemon, a camera is not opened, and no model is loaded.

    Raises:
        StorageError: a folder cannot be written; the other cameras have their findings.
    """
    failure: StorageError | None = None
    first = folders.to_inspect(os.environ)[0]
    for name, runtime in find_cameras(first.runtime).items():
        state = first.state.with_name(f"{first.state.name}@{name}") if name else first.state
        findings: list[Finding] = []
        file = status.read(runtime).get("config", {}).get("file", folders.CONFIG_FILE)
        installation = _look(Path(file), [Folders(state, runtime)], findings.extend)
        if installation.status:
            _check(installation, findings.extend)
            try:
                publish(runtime, findings, SystemClock())
            except StorageError as error:
                failure = error
    if failure is not None:
        raise failure


def _look(
    config_file: Path, places: list[Folders], add: Callable[[Iterator[Finding]], None]
) -> Installation:
    config, found = _configuration(config_file)
    add(iter(found))
    return _ask_daemon(config, places, add)


def _check(installation: Installation, add: Callable[[Iterator[Finding]], None]) -> None:
    for name, check in CHECKS.items():
        add(_guarded(name, check(installation)))


def _configuration(file: Path) -> tuple[Config, list[Finding]]:
    try:
        return load(file if file.exists() else None, os.environ), [
            ok("config", str(file))
            if file.exists()
            else note("config", f"{file} is missing: the defaults are checked")
        ]
    except InvalidConfigError as error:
        remedy = "correct it; until then the defaults are checked"
        return Config(), [
            problem("config", str(each), "a mistake in the file", remedy) for each in error.problems
        ]


def _places(camera: str | None, config_file: Path, state_folder: Path | None) -> list[Folders]:
    named = camera is not None or state_folder is not None
    instance = None if named else instance_of(config_file, os.environ)
    return [instance] if instance else places_to_ask(camera, None, state_folder, os.environ)


def _ask_daemon(
    config: Config, places: list[Folders], add: Callable[[Iterator[Finding]], None]
) -> Installation:
    place = places[0]
    told: dict[str, Any] = {}
    try:
        place, told, code, verdict = find(places)
        add(iter([note("daemon", verdict)]))
        if code == NOT_RUNNING:
            told = {}
    except NotRunningError as error:
        add(iter([note("daemon", str(error))]))
    return Installation(config, place, told)


def _guarded(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of a check; its own failure is one, and the other checks go on."""
    try:
        yield from findings
    except Exception as error:  # reported as a finding
        yield problem(name, "cannot be checked", f"{type(error).__name__}: {error}", "report it")


def _show(finding: Finding) -> None:
    show(f"{finding.verdict.upper():<8} {finding.check}: {redact(finding.what)}")
    if finding.cause:
        show(f"{'':<8} cause: {redact(finding.cause)}")
    if finding.remedy:
        show(f"{'':<8} remedy: {redact(finding.remedy)}")
