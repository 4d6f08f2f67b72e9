"""What is covered in chunks is what a single pass covers: boxes, tones, times and sound."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.archive.chunk_plan import plan_chunks
from anoncam.archive.covering import cover
from anoncam.archive.cut_pictures import read_cells
from anoncam.archive.detection import Seen, detect
from anoncam.archive.joining import join
from anoncam.archive.tracking_pass import track
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config, DetectorSettings
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.frames import chunk as chunks
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.sources.file import FileSource
from anoncam.sources.file_part import FilePart
from anoncam.tracking.coverage import Coverage
from tests.archive.conftest import write_clip

pytestmark = pytest.mark.integration

SECRET = bytes(32)
CONFIG = Config(detector=DetectorSettings(model="anoncam-face-320x320"))


def make_detector() -> DetectorProcess:
    return DetectorProcess(CONFIG.detector, CONFIG.coverage.least_score)


def in_one_pass(path: Path, target: Path) -> dict[int, Coverage]:
    covered: dict[int, Coverage] = {}
    counters, clock, stop = Counters(), SystemClock(), Stop()
    inference = InferenceStage(make_detector, counters=counters, max_failures=1)

    def watch(frame: AnonymizedFrame) -> None:
        covered[frame.timestamp] = frame.coverage

    work = Work(
        CONFIG,
        Anonymizer(CONFIG.anonymizer, SECRET),
        inference,
        counters,
        clock,
        stop,
        keep_audio=True,
        force=False,
        watch=watch,
    )
    inference.start()
    try:
        with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
            anonymize(source, target, work, lambda _frames: None)
    finally:
        inference.close()
    return covered


def in_chunks(path: Path, target: Path, folder: Path) -> dict[int, Coverage]:
    clock, stop = SystemClock(), Stop()
    with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
        file = plan_chunks(source, CONFIG)
    assert file is not None
    assert len(file.chunks) > 2
    seen: list[Seen] = []
    # The order does not matter: each chunk knows nothing of the others.
    for chunk in reversed(file.chunks):
        detector = make_detector()
        begin = chunk.begin - chunks.HISTORY
        with FilePart(path, begin, 1 << 62, clock=clock, stop=stop) as part:
            seen[:0] = detect(part, chunk, CONFIG, detector, stop)
        detector.close()
    coverage = dict(track(seen, file.format, CONFIG, read_cells(path, clock, stop)))
    parts = []
    for chunk in file.chunks:
        parts.append(folder / f"{chunk.number}.nut")
        begin = chunk.begin - chunks.LEAD_IN
        with FilePart(path, begin, chunk.end, clock=clock, stop=stop) as part:
            counts = cover(part, chunk, file, coverage, parts[-1], CONFIG, SECRET, clock, stop)
        assert counts.frames == chunk.frames
    join(
        path,
        file,
        parts,
        target,
        last_duration=0,
        keep_audio=True,
        force=False,
        limits=CONFIG.files,
        stop=stop,
    )
    return coverage


def sound(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        demuxed = container.demux(container.streams.audio[0])
        return [(packet.pts, bytes(packet)) for packet in demuxed if packet.size]


def pictures(path: Path) -> list[tuple[int | None, NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        return [
            (frame.pts, np.asarray(frame.to_ndarray(), np.uint8))
            for frame in container.decode(video=0)
        ]


@pytest.mark.usefixtures("short_chunks")
@pytest.mark.parametrize(("rate", "seconds"), [(10, 32), (60, 21)])
def test_boxes_tones_times_and_sound_are_those_of_one_pass(
    tmp_path: Path, rate: int, seconds: int
) -> None:
    long_clip = write_clip(tmp_path / "long.mp4", seconds, rate=rate, sound=True)
    whole, joined = tmp_path / "whole.mp4", tmp_path / "joined.mp4"
    expected = in_one_pass(long_clip, whole)
    found = in_chunks(long_clip, joined, tmp_path)
    assert found == expected
    assert sum(bool(each.boxes) for each in expected.values()) > len(expected) / 4
    assert sound(joined) == sound(whole) != []
    first, second = pictures(whole), pictures(joined)
    assert [time for time, _ in first] == [time for time, _ in second]
    # Two encoders of one picture: they differ by what the encoder loses, not by tones of squares.
    assert (
        max(
            np.abs(one.astype(int) - other).mean()
            for (_, one), (_, other) in zip(first, second, strict=True)
        )
        < 1.5
    )
