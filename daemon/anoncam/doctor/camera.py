"""The source of frames: can it be opened, and does it deliver frames?"""

import importlib.util
from collections.abc import Iterator

from anoncam.clock import Stop, SystemClock
from anoncam.doctor import memory_need
from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.errors import InputError
from anoncam.pipeline.memory_need import configured_format
from anoncam.service.status import State
from anoncam.sources.open_source import open_source
from anoncam.sources.v4l2_nodes import list_nodes

CHECK = "camera"


def check(installation: Installation) -> Iterator[Finding]:
    """Open the source, unless the daemon has it, and list what cameras there are."""
    kind = installation.config.source.type
    if installation.status:
        yield _ask_daemon(installation)
    else:
        yield from _open(installation)
    if kind in ("auto", "picamera2"):
        if importlib.util.find_spec("picamera2") is not None:
            yield ok(CHECK, "picamera2 is installed, for a camera module of the Pi")
        else:
            text = "picamera2 is not installed, which a camera module of the Pi needs"
            yield note(CHECK, text)
    if kind in ("auto", "v4l2"):
        for node in list_nodes(installation.machine.path("/dev")):
            verdict = node.objection or f"is a camera ({', '.join(node.formats)})"
            yield note(CHECK, f"{node}: {verdict}")


def _ask_daemon(installation: Installation) -> Finding:
    status = installation.status
    if status.get("state") == State.RECORDING:
        return ok(CHECK, f"the daemon records from it: {status.get('source')}")
    return problem(
        CHECK,
        "the daemon has no frames",
        str(status.get("doing")),
        "remove the cause; the daemon tries again by itself",
    )


def _open(installation: Installation) -> Iterator[Finding]:
    settings, files = installation.config.source, installation.config.files
    try:
        with open_source(settings, Stop(), SystemClock(), files) as source:
            capture = source.read()
            if capture is None:
                yield problem(
                    CHECK,
                    f"{source.description} delivers no frame",
                    "it ended at once",
                    "check the source",
                )
                return
            capture.close()
            size = f"{source.format.width}x{source.format.height}"
            rate = f"{float(source.format.frame_rate):g} frames a second"
            yield ok(CHECK, f"{source.description} delivers {size}, {rate}")
            if configured_format(installation.config) is None:
                yield memory_need.compare(source.format, installation.config, installation.machine)
    except InputError as error:
        remedy = (
            "check cable, power and source.type; for a Pi's camera, rpicam-hello --list-cameras"
        )
        yield problem(CHECK, f"source.type: {settings.type} cannot be used", str(error), remedy)
