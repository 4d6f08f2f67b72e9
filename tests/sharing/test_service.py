"""The detector service as a process, with real detectors and daemons that share it."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors.process.detector_process import DetectorProcess, open_detector
from anoncam.errors import ConfigError, DetectorError, ModelError
from anoncam.frames.frame import Frame, tight
from tests.support import portrait
from tests.support.detector_faults import Faults
from tests.support.detector_processes import SETTINGS, infer, started
from tests.support.running import RunningDaemon
from tests.support.sharing import RawCamera, RunningService, listen, running_service

pytestmark = pytest.mark.integration

MODEL = "model: anoncam-face-320x320, device: cpu, result_timeout: 60"
OTHER_MODEL = MODEL.replace("320x320", "640x384")
INPUT = (320, 320)


@pytest.fixture
def face() -> Frame:
    return portrait.portrait_frame(tight(320, 240))[0]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    with running_service(tmp_path / "socket", MODEL) as running:
        yield running


@contextlib.contextmanager
def connected(service: RunningService) -> Iterator[DetectorProcess]:
    with contextlib.closing(open_detector(service.settings, 0.2)) as detector:
        yield detector


def test_two_cameras_get_the_results_that_a_detector_of_their_own_would_give(
    service: RunningService, face: Frame
) -> None:
    other = portrait.portrait_frame(tight(640, 360))[0]
    with started(SETTINGS) as own, connected(service) as first, connected(service) as second:
        assert first.info == own.info
        first.submit(face, 1)
        second.submit(other, 2)
        results = second.collect(30.0), first.collect(30.0)
        for result, frame in zip(results, (other, face), strict=True):
            assert result is not None
            assert np.array_equal(result.detections, infer(own, frame).detections)
    assert len(service.detectors()) == 1


def _flood(camera: RawCamera) -> None:
    with contextlib.suppress(OSError):
        for ticket in range(100_000):
            camera.ask(ticket)


def _garbage(camera: RawCamera) -> None:
    with contextlib.suppress(OSError):
        camera.channel.send(os.urandom(300))


def _die(camera: RawCamera) -> None:
    camera.ask(1)
    camera.ask(2)
    camera.close()


def _shrink(camera: RawCamera) -> None:
    descriptor = os.memfd_create("forged", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, 2 * 320 * 320 * 3)
    # It may be dropped between any two of these.
    with contextlib.suppress(OSError):
        socket.send_fds(camera.channel, [b"\2\0\0\0"], [descriptor])
        camera.ask(1)
        os.ftruncate(descriptor, 0)
    os.close(descriptor)


@pytest.mark.parametrize("attack", [_flood, _garbage, _die, _shrink])
def test_a_camera_that_floods_lies_or_dies_costs_the_other_no_result(
    service: RunningService, face: Frame, attack: Callable[[RawCamera], None]
) -> None:
    with connected(service) as calm:
        (model,) = service.detectors()
        for number in range(5):
            camera = RawCamera(service.path)
            camera.ready()
            if attack is not _shrink:
                camera.share(INPUT)
            attacker = threading.Thread(target=attack, args=(camera,))
            attacker.start()
            assert len(infer(calm, face, number).detections) == 1
            attacker.join(60)
            camera.close()

        assert len(infer(calm, face).detections) == 1
        assert service.detectors() == [model]


def test_a_camera_that_never_stops_asking_passes_the_other_at_most_once_in_between(
    service: RunningService, face: Frame
) -> None:
    eager = RawCamera(service.path)
    eager.ready()
    eager.share(INPUT)
    with connected(service) as calm:
        for ticket in range(2):
            eager.ask(ticket)
        for number in range(10):
            calm.submit(face, number)
            result = None
            while result is None:
                # It asks again at once, for each reply that it gets.
                if not (taken := _replies(eager)):
                    result = calm.collect(0.01)
                for ticket in taken:
                    eager.ask(ticket)
            assert len(result.detections) == 1
    assert not eager.is_dropped()
    eager.close()


def _replies(camera: RawCamera) -> list[int]:
    camera.channel.settimeout(0)
    taken: list[int] = []
    with contextlib.suppress(BlockingIOError):
        while camera.channel.recv(1 << 16):
            taken.append(len(taken))
    return taken


def test_a_model_that_crashes_is_started_again_and_the_cameras_connect_anew(
    service: RunningService, face: Frame
) -> None:
    with connected(service) as detector:
        infer(detector, face)
        os.kill(service.detectors()[0], signal.SIGKILL)
        with pytest.raises(DetectorError, match="the detector service has closed the connection"):
            infer(detector, face)
            infer(detector, face)

    with contextlib.closing(_connected_anew(service)) as detector:
        assert len(infer(detector, face).detections) == 1


def _connected_anew(service: RunningService) -> DetectorProcess:
    """Connect as a daemon does: it tries again after it was told that there is no detector."""
    while True:
        with contextlib.suppress(DetectorError):
            return open_detector(service.settings, 0.2)


def test_a_camera_that_wants_another_model_is_told_which_one_there_is(
    service: RunningService,
) -> None:
    wanted = service.settings.model_copy(update={"model": "anoncam-face-640x384"})
    with pytest.raises(
        ModelError, match=r"another model .* anoncam-face-640x384: anoncam-face-320"
    ):
        open_detector(wanted, 0.2)


def test_without_the_service_the_error_says_what_starts_it(tmp_path: Path) -> None:
    settings = DetectorSettings(service=tmp_path / "nowhere")
    with pytest.raises(
        DetectorError, match=r"cannot be reached: No such .*anoncam-detector.socket"
    ):
        open_detector(settings, 0.2)


def test_a_model_that_does_not_load_is_told_to_the_cameras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Faults(tmp_path / "faults.json", monkeypatch).set(load="refuse")
    with (
        running_service(tmp_path / "socket", f"{MODEL}, runtime: tflite-runtime") as service,
        pytest.raises(DetectorError, match="cannot be loaded: Node number 7"),
    ):
        open_detector(service.settings, 0.2)


def test_a_configuration_that_cannot_be_used_is_told_to_the_cameras_without_what_it_quotes(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("detector: {threads: hush}\n")
    # What systemd does for a service with a socket.
    program = (
        "import os, sys; from anoncam.cli.main import main;"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); main()"
    )
    path = tmp_path / "socket"
    with listen(path) as listener, contextlib.closing(RawCamera(path)) as camera:
        ended = subprocess.run(
            [sys.executable, "-c", program, "detector", f"--config={config}"],
            check=False,
            preexec_fn=lambda: os.dup2(listener.fileno(), 3),
            pass_fds=(3,),
            capture_output=True,
            text=True,
        )
        told = camera.ready().error

    assert ended.returncode == ConfigError.exit_code
    assert "hush" in ended.stderr
    assert "detector service cannot be used" in told
    assert "hush" not in told


def test_a_silent_service_is_given_up_after_the_cameras_own_result_timeout(
    service: RunningService, face: Frame
) -> None:
    hasty = service.settings.model_copy(update={"result_timeout": 0.3})
    with contextlib.closing(open_detector(hasty, 0.2)) as detector, connected(service) as calm:
        infer(detector, face)
        for number in (*service.detectors(), service.process.pid):
            os.kill(number, signal.SIGSTOP)
        detector.submit(face, 1)
        calm.submit(face, 1)
        with pytest.raises(DetectorError, match="the detector has been silent for"):
            detector.collect(30.0)
        for number in (*service.detectors(), service.process.pid):
            os.kill(number, signal.SIGCONT)

        assert calm.collect(30.0) is not None


def test_the_service_ends_by_sigterm_and_its_model_with_it(service: RunningService) -> None:
    with connected(service):
        model = os.pidfd_open(service.detectors()[0])
    try:
        service.process.terminate()
        assert service.process.wait(60) == -signal.SIGTERM
        assert select.select([model], [], [], 30.0)[0], "the model's process lives on"
    finally:
        os.close(model)


CONFIG = """
source: {{type: synthetic, width: 320, height: 240, fps: 10}}
detector: {{model: anoncam-face-320x320, service: {path}, result_timeout: 60}}
recording: {{segment_length: 2, encoder: libx264}}
"""


def test_a_daemon_that_is_killed_touches_no_other_and_without_the_model_frames_are_veiled(
    service: RunningService, tmp_path: Path
) -> None:
    daemons = []
    try:
        for name in ("front", "back"):
            folder = tmp_path / name
            folder.mkdir()
            daemons.append(RunningDaemon(folder, CONFIG.format(path=service.path)))
        front, back = daemons
        for daemon in daemons:
            daemon.wait_until(lambda status: status["counts"]["inferred"] > 5)
            assert not daemon.detectors()
        front.process.kill()
        before = back.status()["counts"]["inferred"]
        back.wait_until(lambda status: status["counts"]["inferred"] > before + 10)
        assert not back.of("detector-dead")

        service.kill()
        assert "the detector service" in back.wait_for("detector-dead")
        back.wait_for("veil-began")
        with running_service(service.path, OTHER_MODEL):
            back.wait_until(lambda status: "runs another model" in status["counts"]["veil"])
            assert not back.of("detector-back")
        with running_service(service.path, MODEL):
            back.wait_for("detector-back")
            back.wait_for("veil-ended")
        assert back.stop() == 0
    finally:
        for daemon in daemons:
            daemon.kill()
