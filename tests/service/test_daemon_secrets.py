"""No password of a camera, in whatever spelling, is in any output of the real daemon."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.config.last_good import FILE_NAME
from tests.support.daemons import Start, ask
from tests.support.rtsp_server import RtspCamera
from tests.support.running import RunningDaemon

pytestmark = pytest.mark.integration

SECRET = "Zq7vXw"  # noqa: S105 - a password for tests
"""It stands in every address, so any output that shows a part of a password shows this."""

SPELLINGS = [
    f"rtsp://user:{SECRET}@127.0.0.1:1/live",
    f"RTSP://user:{SECRET}@127.0.0.1:1/live",
    f"rtsps://user:{SECRET}%40%3A%25@localhost:1/live",
    f"rtsp://user:{SECRET}@{SECRET}@127.0.0.1:1/live",
    f"rtsp://user:a:{SECRET}:b@[::1]:1/live",
    f"rtsp://%55ser:%2525{SECRET}@127.0.0.1:1/live",
    f"rtsp://{SECRET}@127.0.0.1:1/live",
    f"rtsp://127.0.0.1:1/user=admin_password={SECRET}_channel=1",
    f"rtsp://127.0.0.1:1/live?user=admin&password={SECRET}",
    f"rtsp://127.0.0.1:1/live?token={SECRET}#{SECRET}",
    f"rtsp://127.0.0.1:1/{SECRET}/live",
]


def configuration(address: str) -> str:
    return json.dumps({"source": {"type": "rtsp", "address": address}})


def files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file())


def outputs(running: RunningDaemon) -> dict[str, str]:
    """All that the daemon shows to anybody but root, by where it is."""
    shown = {"log": "\n".join(running.lines)}
    for number in (running.process.pid, *running.children()):
        shown[f"ps {number}"] = Path(f"/proc/{number}/cmdline").read_text()
    for number in running.children():
        shown[f"environment of {number}"] = Path(f"/proc/{number}/environ").read_text()
    for arguments in (
        ("status",), ("status", "--json"), ("events",), ("events", "--json"), ("snapshot", "-"),
        ("check-config", running.config), ("check-config", "--json", running.config),
        ("verify", "--quick"),
    ):  # fmt: skip
        shown[" ".join(map(str, arguments))] = "\n".join(map(str, ask(running, *arguments)))
    for path in files(running.state):
        if path.name == FILE_NAME:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        else:
            shown[path.name] = path.read_bytes().decode(errors="replace")
    return shown


def assert_hidden(running: RunningDaemon) -> None:
    for place, text in outputs(running).items():
        assert SECRET not in text, place


def test_no_spelling_of_a_password_is_in_any_output(daemon: Start) -> None:
    running = daemon(configuration(SPELLINGS[0]))
    running.wait_for("camera-waiting")
    for count, address in enumerate(SPELLINGS[1:], 1):
        running.reload(configuration(address))
        running.wait_for("config-reloaded", count)
        running.wait_for("camera-waiting", count + 1)
    assert_hidden(running)
    assert SECRET not in str(ask(running, "doctor", "--config", running.config))
    running.stop()
    assert_hidden_files(running)


def assert_hidden_files(running: RunningDaemon) -> None:
    for path in files(running.state):
        assert path.name == FILE_NAME or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("digest", [False, True])
def test_a_password_that_a_camera_refuses_or_accepts_is_in_no_output_and_no_evidence(
    daemon: Start, tmp_path: Path, digest: bool
) -> None:
    password = tmp_path / "password"
    password.touch(0o600)
    password.write_text(f"{SECRET}@:%wrong")
    with RtspCamera(user="admin", password=f"{SECRET}@:%/?#", digest=digest) as camera:
        login = {"user": "admin", "password_file": str(password)}
        source = {"type": "rtsp", "address": camera.address} | login
        running = daemon(json.dumps({"source": source, "recording": {"segment_length": 1}}))
        running.wait_for("camera-waiting")
        assert_hidden(running)
        password.write_text(f"{SECRET}@:%/?#")
        os.utime(password)
        running.reload(running.config.read_text())
        running.wait_for("segment-finished")
        # The answers to the camera's challenge are secrets too.
        answers = {
            request.partition("response=")[2].split('"')[1]
            for request in camera.requests
            if "response=" in request
        }
        assert bool(answers) is digest
        for place, text in outputs(running).items():
            assert SECRET not in text, place
            assert not any(answer in text for answer in answers), place
        running.stop()
        assert_hidden_files(running)
