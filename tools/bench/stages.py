"""The time of each stage, one after the other in one thread, over the same footage."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from statistics import median

import av
import numpy as np
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
from anoncam.pipeline.waiting_frames import CALM
from anoncam.recording.h264_stream import FILE_OPTIONS, LIBX264
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage
from anoncam.tracking.snapping import Snapping
from anoncam.tracking.tracker import Tracker
from tools.bench.figures import Bench, Figure
from tools.bench.stopwatch import Stopwatch


def stages(bench: Bench) -> Iterator[Figure]:
    """Time every stage over the clip: medians per call and per frame."""
    stopwatch = time_stages(bench.clip, Config())
    shares = stopwatch.per_frame()
    for stage, found in stopwatch.times.items():
        note = f"{median(found):.2f} ms a call, {len(found)} calls"
        yield Figure(f"{stage}, per frame", shares[stage], "ms", note)
    yield Figure(
        "all stages, per frame", sum(shares.values()), "ms", "one thread; the daemon uses several"
    )


def time_stages(clip: Path, config: Config) -> Stopwatch:
    """Pass the frames of `clip` through all stages, with the detector in this process."""
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
        tracker, snapping, anonymizer = (
            Tracker(config.coverage),
            Snapping(),
            Anonymizer(config.anonymizer),
        )
        tracker.picture_area = source.format.width * source.format.height
        cuts, camera = SceneCuts(), CameraMotion()
        encoder = _encoder(source.format.width, source.format.height, source.format.frame_rate)
        next_inference = 0
        bar = tqdm(
            desc=f"stages of {clip.name}",
            total=source.frames,
            unit=" frames",
            leave=False,
            disable=None,
        )
        while True:
            bar.update()
            taken = source.read()
            if taken is None:
                bar.close()
                return stopwatch
            frame = _wait(pool, stop)
            with stopwatch.timing("capture"):
                taken.copy_into(frame)
            with stopwatch.timing("camera"):
                cells = take_cells(frame)
                motion, scene = camera.watch(cells), cuts.watch(cells, frame.timestamp)
            taken.close()
            result = None
            if frame.timestamp >= next_inference:
                next_inference = frame.timestamp + (
                    round(CALM * NANOSECONDS / detector.rate) if detector.rate else 1
                )
                with stopwatch.timing("scale"):
                    letterbox.fill(frame, picture)
                with stopwatch.timing("infer"):
                    model.infer(picture)
                with stopwatch.timing("read boxes"):
                    found, complete = model.read(config.coverage.least_score)
                result = DetectionResult(frame.timestamp, letterbox.back(found), complete, 0.0)
            with stopwatch.timing("track"):
                tracker.move_camera(frame.timestamp, STILL if scene.begins else motion)
                if scene.begins:
                    tracker.begin_scene(frame.timestamp)
                if result is not None:
                    tracker.add_result(result)
                boxes = snapping.snap(tracker.coverage(frame.timestamp), frame.format)
                tracker.forget(frame.timestamp)
            with stopwatch.timing("blur"):
                footage = anonymizer.apply(frame, Coverage(boxes))
            with stopwatch.timing("encode"):
                encoder.encode(footage.video_frame())
            pool.release(frame)


def _decode(clip: Path, stopwatch: Stopwatch) -> None:
    """Time the decoder alone in one thread: several threads would decode while others are timed."""
    with av.open(clip) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frames, more = container.decode(stream), True
        while more:
            with stopwatch.timing("decode"):
                more = next(frames, None) is not None
    stopwatch.times["decode"].pop()


def _encoder(width: int, height: int, rate: Fraction) -> av.VideoCodecContext:
    encoder = av.CodecContext.create(LIBX264, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = 1 / rate
    encoder.options = FILE_OPTIONS
    # In one thread, so that the time of the stage is all of its work.
    encoder.thread_count = 1
    return encoder


def _wait(pool: FramePool, stop: Stop) -> Frame:
    frame = pool.wait(stop)
    assert frame is not None, "this run is never stopped"
    return frame
