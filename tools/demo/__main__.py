"""``make demo``: the daemon itself, in real time, on footage of a moving face or on a video of the
user's own.

Everything goes into one folder, which each run empties first. The daemon's log is kept there, and
shown when it fails.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import yaml

from anoncam.errors import AnoncamError, InputError
from anoncam.service import status
from tools.demo.contact_sheet import make_contact_sheet
from tools.demo.footage import make_footage

OUTPUT = Path("demo-output")
"""Emptied by each run, so not for the user to choose."""

SEGMENT_LENGTH = 10

_POLL = 0.5
_LINE_EVERY = 5.0


def demonstrate(source: Path | None, output: Path) -> int:
    """Run the daemon over `source`, or over footage made for it, and report; the daemon's exit
    code.

    Raises:
        InputError: there is no such source, or emptying `output` would delete it.
    """
    if source is not None:
        _check(source, output)
    if output.exists():
        shutil.rmtree(output)
    recordings, state, log = output / "recordings", output / "state", output / "daemon.log"
    recordings.mkdir(parents=True)
    state.mkdir()
    if source is None:
        source = output / "footage.mp4"
        print(
            "making 20 s of footage: a portrait in the public domain, filmed by a camera that moves"
        )
        make_footage(source)
    config = write_config(output / "config.yaml", source, recordings)
    print(f"running anoncam on {source}, in real time; Ctrl-C ends it early")
    exit_code = _run_daemon(config, state, log)
    if exit_code != 0:
        print(
            f"the daemon ended with exit code {exit_code}; its log:\n{log.read_text()}",
            file=sys.stderr,
        )
    _report(source, sorted(recordings.glob("*.mp4")), output / "contact-sheet.png")
    print(summary(read_status(state)))
    return exit_code


def write_config(path: Path, source: Path, recordings: Path) -> Path:
    """Write the demo's configuration to `path`, and return that."""
    settings = {
        "source": {"type": "file", "address": str(source.resolve()), "loop": False},
        "recording": {"folder": str(recordings.resolve()), "segment_length": SEGMENT_LENGTH},
    }
    path.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))
    return path


def read_status(state: Path) -> Mapping[str, Any]:
    """The daemon's own account of itself; empty while there is none."""
    path = state / status.NAME
    if not path.exists():
        return {}
    report: Mapping[str, Any] = json.loads(path.read_text())
    return report


def progress(report: Mapping[str, Any]) -> str:
    """One line on how far the daemon is."""
    counts = report.get("counts", {})
    recorded, faces = counts.get("recorded", 0), counts.get("faces_covered", 0)
    return f"{recorded} frames recorded, {faces} faces covered, {counts.get('veiled', 0)} veiled"


def summary(report: Mapping[str, Any]) -> str:
    """What came of it, for people."""
    counts, detector = report.get("counts"), report.get("detector")
    if not counts:
        return "no frame was captured"
    lines = {
        "frames": f"{counts['recorded']} recorded of {counts['captured']} captured",
        "faces covered": f"{counts['faces_covered']} (one face in ten frames counts ten)",
        "veiled": f"{counts['veiled']} frames, which no answer of the detector covers",
        "dropped": f"{counts['dropped']} frames",
        "speed": f"{(report.get('recording') or {}).get('fps', 0)} frames per second",
        "detector": "none came up",
    }
    if detector:
        lines["detector"] = (
            f"{Path(detector['model']).name} on {detector['device']} with {detector['runtime']}, "
            f"{detector['latency_ms']} ms per answer, {counts['inferred']} frames examined"
        )
    return "\n".join(f"  {name:<14} {value}" for name, value in lines.items())


def _check(source: Path, output: Path) -> None:
    if not source.is_file():
        raise InputError(f"there is no video {source}", "give one with make demo SOURCE=video.mp4")
    if source.resolve().is_relative_to(output.resolve()):
        raise InputError(f"{source} lies in {output}, which every run empties", "move it elsewhere")


def _run_daemon(config: Path, state: Path, log: Path) -> int:
    command = [sys.executable, "-m", "anoncam", "run", "--config", str(config)]
    environment = os.environ | {"STATE_DIRECTORY": str(state.resolve())}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as daemon,
    ):
        # A Ctrl-C reaches the daemon too, which then finishes its segment: all there is to do is to
        # wait for it.
        while True:
            try:
                _watch(daemon, state)
                return daemon.wait()
            except KeyboardInterrupt:
                continue


def _watch(daemon: subprocess.Popen[bytes], state: Path) -> None:
    live = sys.stdout.isatty()
    began = shown = time.monotonic()
    while daemon.poll() is None:
        time.sleep(_POLL)
        now = time.monotonic()
        if live or now - shown >= _LINE_EVERY:
            shown = now
            line = f"{now - began:4.0f} s  {progress(read_status(state))}"
            print(f"\r{line}\033[K" if live else line, end="" if live else "\n", flush=True)
    if live:
        print()


def _report(source: Path, segments: list[Path], sheet: Path) -> None:
    print(f"{len(segments)} finished segments:")
    for segment in segments:
        print(f"  {segment.resolve()}")
    try:
        make_contact_sheet(source, segments, sheet)
    except (ValueError, av.FFmpegError) as error:
        print(f"no contact sheet: {error}", file=sys.stderr)
    else:
        print(f"before and after:\n  {sheet.resolve()}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo", description="Run the daemon on a video and report."
    )
    parser.add_argument(
        "source",
        type=Path,
        nargs="?",
        metavar="SOURCE",
        help="a video (default: made for the demo)",
    )
    given = parser.parse_args()
    try:
        raise SystemExit(demonstrate(given.source, OUTPUT))
    except AnoncamError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
