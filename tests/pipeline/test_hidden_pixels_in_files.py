"""Two videos that differ only under the squares give the same file, byte for byte.

The coverage of both is the same. It is not a function of visible pixels: the detector looks at the
face, and the camera's motion is measured in the whole picture. Both are simulated here.
"""

from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import av
import numpy as np
import pytest

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.frames.frame import FrameFormat, Picture, lay_out, tight
from anoncam.motion.camera_motion import STILL, CameraMotion
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.recording import h264_stream
from anoncam.sources.file import FileSource
from tests.support.covering import box_mask

pytestmark = pytest.mark.integration

SIZES = [(160, 120), (159, 121)]
FRAMES = 24
SETTINGS = AnonymizerSettings(zones=(((0.7, 0.7), (0.95, 0.7), (0.7, 0.95)),))


def face(number: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the face in a frame: it walks to the right."""
    return 20.0 + 2 * number, 30.0, 60.0 + 2 * number, 80.0


def write(path: Path, picture: FrameFormat, hidden: int) -> None:
    """A lossless video; `hidden` seeds the noise in the middle of the face."""
    random = np.random.default_rng(7)
    with av.open(path, "w") as container:
        video = container.add_stream("ffv1", rate=Fraction(25))
        video.width, video.height, video.pix_fmt = picture.width, picture.height, "yuv420p"
        for number in range(FRAMES):
            frame = lay_out(np.zeros((picture.rows, picture.stride), np.uint8), picture)
            frame.buffer[:] = random.integers(60, 140, frame.buffer.shape)
            mask = box_mask(face(number), AnonymizerSettings(), picture)
            noise = np.random.default_rng((hidden, number))
            low = int(noise.integers(16, 200))
            frame.buffer[mask] = noise.integers(low, low + 30, int(mask.sum()))
            container.mux(video.encode(_video(frame, number)))
        container.mux(video.encode(None))


def _video(frame: Picture, number: int) -> av.VideoFrame:
    video = av.VideoFrame(frame.format.width, frame.format.height, "yuv420p")
    for plane, samples in zip(video.planes, (frame.luma, *frame.chroma), strict=True):
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        lines[: samples.shape[0], : samples.shape[1]] = samples
    video.pts, video.time_base = number, Fraction(1, 25)
    return video


def detect(picture: Picture, timestamp: int) -> Reaction:
    """The face as it is at each time, whatever the pixels are."""
    left, top, right, bottom = face(round(timestamp * 25 / 1e9))
    return Reaction(np.array([[left, top, right - left, bottom - top, 0.99]], np.float32))


def run(path: Path, target: Path, settings: AnonymizerSettings) -> list[bytes]:
    """Anonymize with a simulated detector; what the encoder was given, frame by frame."""
    counters, clock, stop = Counters(), SystemClock(), Stop()
    inference = InferenceStage(lambda: SimulatedDetector(detect), counters=counters)
    config, anonymizer = Config(anonymizer=settings), Anonymizer(settings, b"secret")
    work = Work(config, anonymizer, inference, counters, clock, stop, keep_audio=False, force=False)
    encoded: list[bytes] = []

    def spy(frame: AnonymizedFrame) -> av.VideoFrame:
        assert type(frame) is AnonymizedFrame
        video = h264_stream.picture(frame)
        encoded.append(video.to_ndarray().tobytes())
        return video

    inference.start()
    try:
        with (
            FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source,
            patch("anoncam.recording.video_writer.picture", spy),
            patch.object(CameraMotion, "watch", lambda _camera, _cells: STILL),
        ):
            anonymize(source, target, work, lambda _frames: None)
    finally:
        inference.close()
    assert (counters.recorded, counters.veiled) == (FRAMES, 0)
    assert counters.faces_covered >= FRAMES
    return encoded


@pytest.fixture
def videos(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    """Two videos of the size in `request.param`, which differ only under the squares."""
    paths = [tmp_path / f"{hidden}.mkv" for hidden in (1, 2)]
    for hidden, path in enumerate(paths):
        write(path, tight(*request.param), hidden)
    assert paths[0].read_bytes() != paths[1].read_bytes()
    return paths


@pytest.mark.parametrize("videos", SIZES, indirect=True, ids=str)
@pytest.mark.parametrize("fill", ["private", "solid"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_videos_that_differ_only_under_the_squares_give_the_same_file(
    videos: list[Path], fill: str, ending: str, tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update={"fill": fill})
    targets = [tmp_path / f"covered {path.stem}.{ending}" for path in videos]
    for path, target in zip(videos, targets, strict=True):
        run(path, target, settings)
    assert targets[0].read_bytes() == targets[1].read_bytes()


@pytest.mark.parametrize("videos", SIZES, indirect=True, ids=str)
def test_the_encoder_is_given_anonymized_frames_and_nothing_else(
    videos: list[Path], tmp_path: Path
) -> None:
    one, other = (run(path, tmp_path / f"covered {path.name}", SETTINGS) for path in videos)
    assert len(one) == FRAMES
    assert one == other


@pytest.mark.parametrize("videos", SIZES[:1], indirect=True, ids=str)
def test_with_mean_they_give_different_files(videos: list[Path], tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"fill": "mean"})
    targets = [tmp_path / f"covered {path.name}" for path in videos]
    for path, target in zip(videos, targets, strict=True):
        run(path, target, settings)
    assert targets[0].read_bytes() != targets[1].read_bytes()
