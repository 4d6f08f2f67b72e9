from pathlib import Path

import numpy as np
import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.motion.camera_motion import STILL
from anoncam.motion.scene_cuts import Scene
from tools.leakrate import detection_cache
from tools.leakrate.detection_cache import FrameDetections, read_detections


@pytest.fixture
def detected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The content of each model that was asked, in order; each finds one face by its own score."""
    asked: list[str] = []

    def detect(_clip: Path, settings: DetectorSettings) -> list[FrameDetections]:
        asked.append(model_file.find(settings.model).sha256)
        rows = np.array([[0, 0, 9, 9, len(asked) / 10]], np.float32)
        return [FrameDetections(0, Scene(False, None), STILL, rows)]

    monkeypatch.setattr(detection_cache, "_detect", detect)
    return asked


def model(folder: Path, content: bytes) -> DetectorSettings:
    folder.mkdir()
    path = folder / "model.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" + content)
    return DetectorSettings(model=str(path))


def test_models_of_one_name_are_told_apart_by_their_content(
    detected: list[str], tmp_path: Path
) -> None:
    first, second = model(tmp_path / "a", b"first"), model(tmp_path / "b", b"second")
    scores = [
        read_detections(Path("clip.mp4"), each, tmp_path)[0].detections[0, 4]
        for each in (first, second, first, second)
    ]
    assert len(detected) == 2
    assert scores == pytest.approx([0.1, 0.2, 0.1, 0.2])


def test_a_model_that_was_moved_is_not_asked_again(detected: list[str], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        read_detections(Path("clip.mp4"), model(tmp_path / folder, b"same"), tmp_path)
    assert len(detected) == 1
