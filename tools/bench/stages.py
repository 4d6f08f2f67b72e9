"""Where the time of a frame goes: each stage by itself, in one thread, over the same footage."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
from matplotlib.figure import Figure as Drawing
from tqdm import tqdm

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.config.schema import Config
from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.letterbox import Letterbox
from anoncam.detectors.tflite.face_model import FaceModel
from anoncam.detectors.tflite.runtime import load
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion
from anoncam.motion.cells import take_cells
from anoncam.motion.scene_cuts import SceneCuts
from anoncam.recording.h264_stream import FILE_OPTIONS, LIBX264
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage
from anoncam.tracking.tracker import Tracker
from tools.bench.figures import Bench, Figure

STAGES = ("decode", "capture", "camera", "scale", "infer", "read boxes", "track", "blur", "encode")
"""In the order of a frame's way; `scale` to `read boxes` happen to the frames that the detector
looks at."""

EXAMINED = ("scale", "infer", "read boxes")


@dataclass
class Stopwatch:
    """Milliseconds of each call, by stage."""

    times: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Add what is done in this context to the times of `stage`."""
        began = time.perf_counter()
        yield
        self.times[stage].append(1000 * (time.perf_counter() - began))

    def per_frame(self) -> dict[str, float]:
        """Milliseconds per recorded frame: what happens to some frames only is shared out among
        all.
        """
        frames = len(self.times["blur"])
        return {
            stage: median(found) * len(found) / frames if found else 0.0
            for stage, found in self.times.items()
        }


def stages(bench: Bench) -> Iterator[Figure]:
    """Every stage alone, one after the other, over the clip: medians per call and per frame."""
    stopwatch = time_stages(bench.clip, Config())
    shares = stopwatch.per_frame()
    for stage, found in stopwatch.times.items():
        note = f"{median(found):.2f} ms a call, {len(found)} calls"
        yield Figure(f"{stage}, per frame", shares[stage], "ms", note)
    yield Figure(
        "all stages, per frame", sum(shares.values()), "ms", "one thread; the daemon uses several"
    )


def time_stages(clip: Path, config: Config) -> Stopwatch:
    """Take the frames of `clip` through all stages by hand, with the detector in this process."""
    stopwatch, stop = Stopwatch(), Stop()
    _decode(clip, stopwatch)
    detector = config.detector
    model = FaceModel(
        load(model_file.find(detector.model), "cpu", detector.runtime, detector.threads)
    )
    picture = np.zeros((model.height, model.width, 3), np.uint8)
    with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=stop) as source:
        pool = FramePool(source.format, 2)
        letterbox = Letterbox(source.format, model.width, model.height)
        tracker, anonymizer = Tracker(config.coverage), Anonymizer(config.anonymizer)
        tracker.picture_area = source.format.width * source.format.height
        cuts, camera = SceneCuts(), CameraMotion()
        encoder = _encoder(source.format.width, source.format.height, source.format.frame_rate)
        next_look = 0
        shown = tqdm(
            desc=f"stages of {clip.name}",
            total=source.frames,
            unit=" frames",
            leave=False,
            disable=None,
        )
        while True:
            shown.update()
            taken = source.read()
            if taken is None:
                shown.close()
                return stopwatch
            frame = _wait(pool, stop)
            with stopwatch.timing("capture"):
                taken.copy_into(frame)
            with stopwatch.timing("camera"):
                cells = take_cells(frame)
                motion, scene = camera.watch(cells), cuts.watch(cells, frame.timestamp)
            taken.close()
            answer = None
            if frame.timestamp >= next_look:
                next_look = frame.timestamp + (
                    round(NANOSECONDS / detector.rate) if detector.rate else 1
                )
                with stopwatch.timing("scale"):
                    letterbox.fill(frame, picture)
                with stopwatch.timing("infer"):
                    model.infer(picture)
                with stopwatch.timing("read boxes"):
                    found, complete = model.read(config.coverage.least_score)
                answer = DetectionResult(frame.timestamp, letterbox.back(found), complete, 0.0)
            with stopwatch.timing("track"):
                tracker.move_camera(frame.timestamp, STILL if scene.begins else motion)
                if scene.begins:
                    tracker.begin_scene(frame.timestamp)
                if answer is not None:
                    tracker.add_result(answer)
                boxes = tracker.coverage(frame.timestamp)
                tracker.forget(frame.timestamp)
            with stopwatch.timing("blur"):
                footage = anonymizer.apply(frame, Coverage(boxes))
            with stopwatch.timing("encode"):
                encoder.encode(footage.video_frame())
            pool.release(frame)


def _decode(clip: Path, stopwatch: Stopwatch) -> None:
    """By itself and in one thread: a decoder with several works while others are timed."""
    with av.open(clip) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frames, more = container.decode(stream), True
        while more:
            with stopwatch.timing("decode"):
                more = next(frames, None) is not None
    stopwatch.times["decode"].pop()


def draw_stages(shares: dict[str, dict[str, float]], output: Path) -> None:
    """A stacked bar for each footage: milliseconds per frame by stage, into `output` (PNG)."""
    drawing = Drawing(figsize=(9, 1.2 + 0.5 * len(shares)), layout="constrained")
    axes = drawing.subplots()
    left = np.zeros(len(shares))
    for stage in STAGES:
        values = np.array([row[stage] for row in shares.values()])
        axes.barh(list(shares), values, left=left, label=stage)
        left += values
    axes.set(xlabel="milliseconds per frame, one thread")
    axes.invert_yaxis()
    drawing.legend(fontsize="small", ncols=len(STAGES), loc="outside lower center")
    drawing.savefig(output, dpi=110)


def _encoder(width: int, height: int, rate: Fraction) -> av.VideoCodecContext:
    encoder = av.CodecContext.create(LIBX264, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = 1 / rate
    encoder.options = FILE_OPTIONS
    # One frame after the other, so that a stage's time is its work.
    encoder.thread_count = 1
    return encoder


def _wait(pool: FramePool, stop: Stop) -> Frame:
    frame = pool.wait(stop)
    assert frame is not None, "nobody stops this"
    return frame
