"""The daemon, in real time, on footage of a moving face or on a video of the user's own.

Everything is written into one folder, which each run empties first. The log of the daemon is kept
there, and is shown when the daemon fails.
"""

import shutil
import sys
from pathlib import Path

import av
import yaml

from anoncam.errors import InputError
from tools.demo.contact_sheet import make_contact_sheet
from tools.demo.daemon_process import run_daemon
from tools.demo.daemon_status import read_status, summary
from tools.demo.footage import make_footage

SEGMENT_LENGTH = 10
"""Seconds."""


def demonstrate(source: Path | None, output: Path) -> int:
    """Run the daemon over `source` or over generated footage, report, and return its exit code.

    Raises:
        InputError: the source does not exist, or emptying `output` would delete it.
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
        print("making 20 s of footage: a portrait in the public domain before a moving camera")
        make_footage(source)
    config = write_config(output / "config.yaml", source, recordings)
    print(f"running anoncam on {source}, in real time; Ctrl-C ends it early")
    exit_code = run_daemon(config, state, log)
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


def _check(source: Path, output: Path) -> None:
    if not source.is_file():
        raise InputError(f"there is no video {source}", "give one with make demo SOURCE=video.mp4")
    if source.resolve().is_relative_to(output.resolve()):
        raise InputError(f"{source} is in {output}, which every run empties", "move it elsewhere")


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
