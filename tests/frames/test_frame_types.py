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
from anoncam.service.snapshots import Snapshots


def record(frame: Frame, pool: FramePool, recorder: Recorder) -> None:
    recorder.write(frame)
    picture(frame)
    recorder.write(pool.acquire())
    footage: AnonymizedFrame = frame
    encode_jpeg(frame)
    Snapshots().offer(frame)
    take_thumbnail(frame, (0, 0, 1, 1))


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
            13,
            'Argument 1 to "write" of "Recorder" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (14, 'Argument 1 to "picture" has incompatible type "Frame"; expected "AnonymizedFrame"'),
        (
            15,
            'Argument 1 to "write" of "Recorder" has incompatible type "Frame | None";'
            ' expected "AnonymizedFrame"',
        ),
        (16, "Incompatible types in assignment"),
        (
            17,
            'Argument 1 to "encode_jpeg" has incompatible type "Frame"; expected "AnonymizedFrame"',
        ),
        (
            18,
            'Argument 1 to "offer" of "Snapshots" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (
            19,
            'Argument 1 to "take_thumbnail" has incompatible type "Frame";'
            ' expected "AnonymizedFrame"',
        ),
        (22, 'Cannot inherit from final class "AnonymizedFrame"'),
    ],
)
def test_a_leak_does_not_type_check(verdict: str, line: int, error: str) -> None:
    assert any(
        f"leak.py:{line}: error: {error}" in line_of_mypy for line_of_mypy in verdict.splitlines()
    ), verdict


def test_the_way_over_the_anonymizer_type_checks(verdict: str) -> None:
    assert "sound.py" not in verdict
    assert "Found 8 errors in 1 file (checked 2 source files)" in verdict
