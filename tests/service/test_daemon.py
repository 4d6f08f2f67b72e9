"""The real daemon: what it records, how it stops, and how it ends by itself."""

import os
import re
import select
import signal
import socket
from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import InputError
from tests.support.clips import cut, damage, make_clip, make_sound
from tests.support.daemons import SYNTHETIC, Start, recorded, recording, stop_well
from tests.support.detector_faults import Faults
from tests.support.watching import labels, likeness, luma

pytestmark = pytest.mark.integration


def test_footage_of_a_face_is_recorded_whole_with_the_face_covered_and_the_rest_sharp(
    daemon: Start, footage: Path
) -> None:
    running = daemon(
        f"source: {{type: file, address: {footage}}}\nrecording: {{segment_length: 2}}\n"
    )

    assert running.wait() == 0
    clear = luma(footage)
    recorded = [frame for segment in running.recordings() for frame in luma(segment)]
    assert len(recorded) == len(clear) == running.status()["counts"]["recorded"]
    assert len(running.recordings()) == 2
    faces = labels(footage)
    assert sum(map(len, faces)) > 60
    for number, (before, after) in enumerate(zip(clear, recorded, strict=True)):
        for box in faces[number]:
            assert abs(likeness(before, after, box)) < 0.6, f"the face shows in frame {number}"
    sharp = [np.abs(a.astype(int) - b)[:40].mean() for a, b in zip(clear, recorded, strict=True)]
    assert np.median(sharp) < 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_open_segment_and_leaves_no_process_behind(
    daemon: Start, number: signal.Signals
) -> None:
    running = daemon()
    running.wait_until(recorded(20))
    children = running.children()
    assert children

    assert running.stop(number) == 0
    (segment,) = running.recordings()
    assert (
        len(luma(segment))
        == running.status()["counts"]["recorded"]
        == running.status()["counts"]["captured"]
    )
    assert running.status()["doing"] == "stopped"
    assert not list((running.state / "recordings").glob("*.part"))
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_after_a_kill_the_detector_ends_too_and_the_footage_is_salvaged(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(75))
    (child,) = running.children()
    descriptor = os.pidfd_open(child)
    running.stop(signal.SIGKILL)
    with os.fdopen(descriptor) as process:
        assert _ended(process.fileno())

    again = daemon()
    again.wait_for("segment-salvaged")
    assert len(luma(again.recordings()[0])) >= 30
    again.stop()


def test_a_stop_does_not_wait_for_a_detector_that_never_starts(
    daemon: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(tmp_path / "faults.json", monkeypatch)
    faults.set(load="stop")
    running = daemon(SYNTHETIC + "detector: {runtime: tflite-runtime, device: cpu}\n")
    running.wait_for("source-chosen")
    stop_well(running)


def test_a_stop_does_not_wait_for_a_detector_that_hangs(
    daemon: Start,
) -> None:
    running = daemon(SYNTHETIC + "detector: {result_timeout: 60}\n")
    running.wait_until(recorded(20))
    (child,) = running.children()
    os.kill(child, signal.SIGSTOP)
    running.wait_for("veil-began")
    stop_well(running)
    assert not Path(f"/proc/{child}").exists()
    counts = running.status()["counts"]
    assert (
        counts["captured"]
        == counts["recorded"]
        == sum(len(luma(path)) for path in running.recordings())
    )
    assert counts["veiled"] > 0


def test_a_network_camera_that_never_answers_does_not_delay_the_stop(
    daemon: Start,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = daemon(
            f"source: {{type: rtsp, address: 'rtsp://127.0.0.1:{server.getsockname()[1]}/x'}}\n"
        )
        server.settimeout(30)
        connection, _ = server.accept()
        with connection:
            stop_well(running)


@pytest.mark.parametrize("kind", ["cut off", "damaged in its middle", "sound"])
def test_a_file_that_breaks_off_is_recorded_up_to_there_and_ends_the_daemon_with_one_line(
    daemon: Start, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "clip.mkv"
    if kind == "sound":
        make_sound(path, with_video=False)
    elif kind == "cut off":
        path = cut(make_clip(path, size=(320, 180), times=range(40)), 0.5)
    else:
        clip = make_clip(
            path,
            size=(320, 180),
            times=range(40),
            options={"preset": "ultrafast", "g": "10", "bf": "0"},
        )
        path = damage(clip, 0.5, 4000)
    running = daemon(f"source: {{type: file, address: {path}}}\n")
    assert running.wait() == InputError.exit_code
    (error,) = [line for line in running.lines if line.startswith("anoncam: ")]
    assert str(path) in error
    assert "Traceback" not in "\n".join(running.lines)
    frames = sum(len(luma(segment)) for segment in running.recordings())
    assert frames == running.status()["counts"]["recorded"]
    assert (frames > 10) == (kind != "sound")


def test_an_error_of_the_daemon_itself_is_reported_once_as_a_crash(
    daemon: Start,
) -> None:
    fault = "from anoncam.service.daemon import Daemon\nDaemon._attend = lambda self: 1 / 0"
    running = daemon(spoiled_by=fault)
    assert running.wait() == 1
    assert running.of("crashed") == ["the daemon crashed: ZeroDivisionError: division by zero"]
    assert any("ZeroDivisionError" in line for line in running.lines)
    again = recording(daemon())
    again.stop()
    assert again.of("previous-run-crashed") == []


def test_the_status_says_what_waits_to_be_uploaded(daemon: Start) -> None:
    config = f"{SYNTHETIC}recording: {{segment_length: 1}}\nupload: {{to: 'nas:garden'}}\n"
    status = daemon(config).wait_until(
        lambda status: bool(((status["recording"] or {}).get("upload") or {}).get("segments"))
    )
    backlog = status["recording"]["upload"]
    assert backlog["bytes"] > 0
    assert backlog["problem"] == ""


def test_log_lines_begin_with_time_level_and_event(daemon: Start) -> None:
    running = daemon()
    running.wait_for("encoder-chosen")
    running.stop()
    for line in running.lines:
        time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d"
        assert re.match(rf"{time} (INFO|WARNING|ERROR) +[a-z-]+: ", line), line


def _ended(process: int) -> bool:
    return bool(select.select([process], [], [], 10)[0])
