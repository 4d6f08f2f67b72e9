"""`anoncam snapshot` of the real daemon."""

from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.errors import NotRunningError, StorageError
from tests.support.daemons import Start, ask, recording
from tests.support.watching import labels, likeness, luma

pytestmark = pytest.mark.integration


def test_a_snapshot_shows_what_the_camera_sees_with_the_face_covered(
    daemon: Start, footage: Path, tmp_path: Path
) -> None:
    # The first frames of the footage, over and over: a face that is always in view.
    running = recording(daemon(f"source: {{type: file, address: {footage}, loop: true}}\n"))
    target = tmp_path / "now.jpg"
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, errors) == (0, "")
    with av.open(str(target)) as container:
        shown = (
            next(container.decode(video=0)).to_ndarray(format="gray").astype(np.uint8, copy=False)
        )
    clear, faces = luma(footage), labels(footage)
    # Which frame it is, by the part that is not covered.
    frame = min(
        range(len(clear)),
        key=lambda number: float(np.abs(shown[:40].astype(int) - clear[number][:40]).mean()),
    )
    assert np.abs(shown[:40].astype(int) - clear[frame][:40]).mean() < 12
    for box in faces[frame]:
        assert abs(likeness(clear[frame], shown, box)) < 0.6


def test_a_snapshot_overwrites_nothing_without_force_and_can_go_to_standard_output(
    daemon: Start, tmp_path: Path
) -> None:
    running = recording(daemon())
    target = tmp_path / "now.jpg"
    target.write_text("mine")
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, target.read_text()) == (StorageError.exit_code, "mine")
    assert "--force" in errors
    assert ask(running, "snapshot", "-o", target, "--force")[0] == 0
    assert target.read_bytes().startswith(b"\xff\xd8")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert ask(running, "snapshot", "-o", tmp_path / "now.bmp")[0] == StorageError.exit_code


def test_without_a_detector_the_snapshot_is_veiled_and_the_reason_is_printed(
    daemon: Start, footage: Path, tmp_path: Path
) -> None:
    source = f"source: {{type: file, address: {footage}, loop: true}}\n"
    running = daemon(f"{source}detector: {{model: /none.tflite}}\n")
    running.wait_until(lambda status: status["counts"]["veiled"] > 5)
    code, _, errors = ask(running, "snapshot", "-o", tmp_path / "veil.jpg")
    assert code == 0
    assert "the picture is veiled: cannot read model /none.tflite" in errors
    with av.open(str(tmp_path / "veil.jpg")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="gray")
    # Five rows of squares over 360 rows: within one, nothing changes.
    assert np.median(np.abs(np.diff(shown[10:60, 10:60].astype(int), axis=0))) <= 1
    code, printed, _ = ask(running, "status")
    assert code == 8
    assert "safe: whole frames are covered, because cannot read model" in printed


def test_without_a_daemon_or_a_camera_there_is_no_snapshot_and_no_file(
    daemon: Start, tmp_path: Path
) -> None:
    running = daemon("source: {type: rtsp, address: 'rtsp://bob:hush@127.0.0.1:9/x'}\n")
    running.wait_until(lambda status: status["state"] == "waiting-for-camera")
    target = tmp_path / "now.jpg"
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert code == NotRunningError.exit_code
    assert "there is no picture: waiting for a camera since" in errors
    assert "hush" not in errors
    assert ask(running, "status")[0] == 7
    running.stop()
    code, _, errors = ask(running, "snapshot", "-o", target)
    assert (code, "no daemon is running" in errors) == (NotRunningError.exit_code, True)
    assert not target.exists()
