"""The source of frames: can it be opened, and does it deliver?"""

import importlib.util
from collections.abc import Iterator

from anoncam.clock import Stop, SystemClock
from anoncam.doctor import memory_need
from anoncam.doctor.check import Finding, Patient, note, ok, problem
from anoncam.errors import InputError
from anoncam.pipeline.memory_need import configured_format
from anoncam.service.status import State
from anoncam.sources.open_source import open_source
from anoncam.sources.v4l2_nodes import list_nodes

CHECK = "camera"


def check(patient: Patient) -> Iterator[Finding]:
    """Open the source, unless the daemon has it, and name what else there is."""
    kind = patient.config.source.type
    if patient.status:
        yield _ask_daemon(patient)
    else:
        yield from _open(patient)
    if kind in ("auto", "picamera2"):
        there = importlib.util.find_spec("picamera2") is not None
        if there:
            yield ok(CHECK, "picamera2 is installed, for a camera at the Pi's own connector")
        else:
            yield note(
                CHECK,
                "picamera2 is not installed, without which a camera module of the Pi is not seen",
            )
    if kind in ("auto", "v4l2"):
        for node in list_nodes(patient.machine.path("/dev")):
            what = f"{node}: {node.objection or 'is a camera (' + ', '.join(node.formats) + ')'}"
            yield note(CHECK, what)


def _ask_daemon(patient: Patient) -> Finding:
    status = patient.status
    if status.get("state") == State.RECORDING:
        return ok(CHECK, f"the daemon records from it: {status.get('source')}")
    return problem(
        CHECK,
        "the daemon has no frames",
        str(status.get("doing")),
        "see to the cause; it tries again itself",
    )


def _open(patient: Patient) -> Iterator[Finding]:
    settings = patient.config.source
    try:
        with open_source(settings, Stop(), SystemClock()) as source:
            capture = source.read()
            if capture is None:
                yield problem(
                    CHECK,
                    f"{source.description} delivers nothing",
                    "it ended at once",
                    "check the source",
                )
                return
            capture.close()
            size = f"{source.format.width}x{source.format.height}"
            rate = f"{float(source.format.frame_rate):g} frames a second"
            yield ok(CHECK, f"{source.description} delivers {size}, {rate}")
            if configured_format(patient.config) is None:
                yield memory_need.compare(source.format, patient.config, patient.machine)
    except InputError as error:
        remedy = (
            "check cable, power and source.type; for a Pi's camera, rpicam-hello --list-cameras"
        )
        yield problem(CHECK, f"source.type: {settings.type} cannot be used", str(error), remedy)
