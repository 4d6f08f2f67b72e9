import subprocess
import sys

import pytest

from tests.support.checkout import ROOT

LEAK = """
from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.recording.recorder import Recorder
from anoncam.recording.picture_writer import encode_jpeg
from anoncam.recording.h264_stream import picture
from anoncam.review.look_through import take_thumbnail
from anoncam.recording.footage import picture_of
from anoncam.service.feed import Feed
from anoncam.service.snapshots import Snapshots


def record(frame: Frame, pool: FramePool, recorder: Recorder) -> None:
    recorder.write(frame)
    picture(frame)
    recorder.write(pool.acquire())
    footage: AnonymizedFrame = frame
    encode_jpeg(frame)
    Snapshots().offer(frame)
    take_thumbnail(frame, (0, 0, 1, 1))


def tell(frame: Frame, feed: Feed) -> None:
    feed.publish(frame)
    feed.publish(frame.buffer.tobytes())
    feed.offer(frame)
    picture_of(frame)


class Disguised(AnonymizedFrame):
    pass
"""

SOUND = """
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.tracking.coverage import Coverage
from anoncam.frames.frame import Frame
from anoncam.recording.recorder import Recorder
from anoncam.recording.h264_stream import picture


def record(frame: Frame, coverage: Coverage, anonymizer: Anonymizer, recorder: Recorder) -> None:
    footage = anonymizer.apply(frame, coverage)
    recorder.write(footage)
    picture(footage)
"""


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("types")
    (folder / "leak.py").write_text(LEAK)
    (folder / "sound.py").write_text(SOUND)
    # One run for all: most of it goes into reading what is imported.
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    command += [str(folder / "leak.py"), str(folder / "sound.py")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            15,
            'Argument 1 to "write" of "Recorder" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (16, 'Argument 1 to "picture" has incompatible type "Frame"; expected "AnonymizedFrame"'),
        (
            17,
            'Argument 1 to "write" of "Recorder" has incompatible type "Frame | None";'
            ' expected "AnonymizedFrame"',
        ),
        (18, "Incompatible types in assignment"),
        (
            19,
            'Argument 1 to "encode_jpeg" has incompatible type "Frame"; expected "AnonymizedFrame"',
        ),
        (
            20,
            'Argument 1 to "offer" of "Snapshots" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (
            21,
            'Argument 1 to "take_thumbnail" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (
            25,
            'Argument 1 to "publish" of "Feed" has incompatible type "Frame"; expected "Footage"',
        ),
        (
            26,
            'Argument 1 to "publish" of "Feed" has incompatible type "bytes"; expected "Footage"',
        ),
        (
            27,
            'Argument 1 to "offer" of "Feed" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (
            28,
            'Argument 1 to "picture_of" has incompatible type "Frame"; expected "AnonymizedFrame"',
        ),
        (31, 'Cannot inherit from final class "AnonymizedFrame"'),
    ],
)
def test_a_leak_does_not_type_check(verdict: str, line: int, error: str) -> None:
    assert any(
        f"leak.py:{line}: error: {error}" in line_of_mypy for line_of_mypy in verdict.splitlines()
    ), verdict


def test_the_way_over_the_anonymizer_type_checks(verdict: str) -> None:
    assert "sound.py" not in verdict
    assert "Found 12 errors in 1 file (checked 2 source files)" in verdict
