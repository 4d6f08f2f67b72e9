"""The source for the Pi's own cameras, on the real picamera2 and libcamera's virtual camera."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.support.watching import labels, luma
from tests.system import roots
from tests.system.camera import HELPERS, PYTHON, Camera
from tests.system.comparing import Box, Plane, compare
from tests.system.containers import Container
from tests.system.packages import Build
from tools.demo.footage import make_footage

pytestmark = pytest.mark.timeout(600)

CONFIG = """source: {type: picamera2, width: 1280, height: 720, fps: 10}
recording: {segment_length: 4, retention: {min_free: 10MB}}
"""

VIRTUAL = """"Anoncam":
  supported_formats:
  - {width: 1280, height: 720, frame_rates: [10, 30]}
  - {width: 640, height: 360, frame_rates: [10, 30]}
  frames: {path: /srv/pictures/}
  location: CameraLocationExternal
  model: Virtual
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty frames of a face in motion."""
    path = tmp_path_factory.mktemp("scene") / "scene.mp4"
    make_footage(path, width=1280, height=720, fps=10, seconds=4)
    return path


@pytest.fixture
def board(scene: Path, package: Build, tmp_path: Path) -> Iterator[Camera]:
    """A machine whose libcamera has a camera that shows the frames of the scene."""
    with Container(roots.bootable("trixie"), tmp_path / "console") as container:
        camera = Camera(container)
        camera.install(package("trixie", "amd64"))
        pictures = container.path("/srv/pictures")
        pictures.mkdir()
        with av.open(str(scene)) as film:
            frames = list(film.decode(video=0))
            # There and back, so that it can begin again without a jump.
            for number, frame in enumerate(frames + frames[-2:0:-1]):
                frame.to_image().save(pictures / f"{number}.jpg", quality=95)  # type: ignore[no-untyped-call]
        virtual = container.path("/usr/share/libcamera/pipeline/virtual/virtual.yaml")
        virtual.parent.mkdir(parents=True)
        virtual.write_text(VIRTUAL)
        # It shows previews on a screen: imported always, used never here.
        stand_in = container.path("/usr/local/lib/python3.13/dist-packages/pykms.py")
        stand_in.write_text("from unittest.mock import MagicMock\n\nPixelFormat = MagicMock()\n")
        camera.configure(CONFIG)
        yield camera


def test_the_daemons_own_source_records_the_real_picamera2_with_the_faces_covered(
    board: Camera, scene: Path
) -> None:
    mark = board.now()
    with board.drop_in(f"ExecStart=\nExecStart={PYTHON} -I {HELPERS}/virtual_camera.py run"):
        board.restart()
        chosen = board.wait_for("source-chosen", mark)
        segments = board.more_segments(3)
        status = board.status()
    assert (chosen["ANONCAM_SOURCE"], chosen["ANONCAM_SIZE"]) == (
        "picamera2 camera 0 (Virtual)",
        "1280x720",
    )
    assert (status["counts"]["veiled"], status["verdict"]) == (0, "recording")
    clear: list[Plane] = luma(scene)
    faces: list[list[Box]] = labels(scene)
    compared = compare(segments, clear, faces)
    assert compared.frames > 60
    assert compared.faces > 30
    assert compared.shown == ()
    assert compared.sharp > 0.7 * compared.frames
    # Closed as it should be, it can be opened again, and is gone without a trace.
    assert board.of("stage-failed", mark) == []
    assert board.of("previous-run-crashed", mark) == []
