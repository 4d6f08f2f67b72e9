"""``anoncam detect``: the detector alone, on pictures."""

import contextlib
import os
from pathlib import Path

import click
import numpy as np

from anoncam.audit.sheet import encode_png
from anoncam.cli.output import show, show_error, show_json
from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.config.schema import Config, FilesSettings
from anoncam.detectors.detector import Detections
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import AnoncamError, DetectorError, InputError, StorageError
from anoncam.frames import locked_memory
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.frames.pool import FramePool
from anoncam.frames.video_frame import wrap
from anoncam.recording.whole_file import WholeFile, storage_errors
from anoncam.sources.file import FileSource
from anoncam.stores.place import Place, real

COLOUR = (255, 64, 0)
"""Of the drawn boxes: red, green, blue."""

EXAMPLE = """\b
Examples:
  anoncam detect group.jpg
  anoncam detect *.jpg --model mine.tflite --threshold 0.5 --json
  anoncam detect *.jpg --draw boxes/
"""


@click.command(epilog=EXAMPLE)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--model", help="A .tflite file, or the name of a shipped model [default: the daemon's]."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="The least score to report [default: that of anoncam anonymize].",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help='Print {"path": [{"box": [x, y, w, h], "score": s}, …]}.',
)
@click.option(
    "--draw",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for PNGs of the pictures with the boxes.",
)
def detect(
    images: tuple[Path, ...],
    model: str | None,
    threshold: float | None,
    as_json: bool,
    draw: Path | None,
) -> None:
    """Find the faces in pictures.

    Boxes are in pixels of the upright picture, turned as its EXIF data says. The pictures that
    --draw writes show the faces.
    """
    locked_memory.seal()
    drawings = {} if draw is None else _drawings(images, draw)
    config = load(None, os.environ)
    settings = (
        config.detector if model is None else config.detector.model_copy(update={"model": model})
    )
    config = Config(detector=settings, coverage=config.coverage, files=config.files)
    floor = config.coverage.single_threshold if threshold is None else threshold
    found: dict[str, list[dict[str, object]]] = {}
    first_error: AnoncamError | None = None
    with contextlib.closing(DetectorProcess(config.detector, floor)) as detector:
        for path in images:
            try:
                frame = _read(path, config.files)
                detections = _upright(_detect(detector, frame, config), frame.format)
                if path in drawings:
                    _draw(frame, detections, drawings[path])
            except InputError as error:
                show_error(f"anoncam: {error}")
                first_error = first_error or error
                continue
            found[str(path)] = [
                {
                    "box": [round(float(side), 1) for side in row[:4]],
                    "score": round(float(row[4]), 4),
                }
                for row in detections
            ]
            if not as_json:
                _report(path, detections)
    if as_json:
        show_json(found)
    if first_error is not None:
        raise SystemExit(first_error.exit_code)


def _drawings(images: tuple[Path, ...], folder: Path) -> dict[Path, Path]:
    """The drawing of each picture.

    Raises:
        StorageError: two pictures have the same drawing, or one would replace a picture.
    """
    drawings = {path: folder / f"{path.stem}.png" for path in images}
    taken: set[Place] = {real(path) for path in images}
    for path, target in drawings.items():
        if real(target) in taken:
            raise StorageError(
                f"{path} would be drawn over {target}",
                "choose another folder, or run the command once for each",
            )
        taken.add(real(target))
    return drawings


def _read(path: Path, limits: FilesSettings) -> Frame:
    clock, stop = SystemClock(), Stop()
    with FileSource(path, paced=False, loop=False, clock=clock, stop=stop, limits=limits) as source:
        if not source.is_picture:
            raise InputError(f"{path} is not a picture", "use anoncam anonymize for footage")
        frame = FramePool(source.format, 1).acquire()
        capture = source.read()
        if frame is None or capture is None:
            raise InputError(f"{path} holds no picture")
        with contextlib.closing(capture):
            capture.copy_into(frame)
        return frame


def _detect(detector: DetectorProcess, frame: Frame, config: Config) -> Detections:
    detector.submit(frame, frame.timestamp)
    result = detector.collect(config.detector.result_timeout)
    if result is None:
        raise DetectorError("the detector gives no result")
    return result.detections


def _upright(detections: Detections, picture: FrameFormat) -> Detections:
    """The detections, from pixels of the stored picture to those of the upright one."""
    x, y, width, height, score = detections.T
    columns = {
        0: (x, y, width, height),
        90: (picture.height - y - height, x, height, width),
        180: (picture.width - x - width, picture.height - y - height, width, height),
        270: (y, picture.width - x - width, height, width),
    }[picture.rotation]
    return np.column_stack((*columns, score)).astype(np.float32)


def _draw(frame: Frame, detections: Detections, target: Path) -> None:
    video = wrap(frame)
    video.color_range = frame.format.color_range
    stored = video.to_ndarray(format="rgb24")[: frame.format.height, : frame.format.width]
    picture = np.ascontiguousarray(np.rot90(stored, -frame.format.rotation // 90)).astype(
        np.uint8, copy=False
    )
    thick = max(1, min(picture.shape[:2]) // 300)
    for x, y, box_width, box_height, _ in detections.round().astype(int):
        left, top, right, bottom = (
            max(x, 0),
            max(y, 0),
            max(x + box_width, 0),
            max(y + box_height, 0),
        )
        picture[top : top + thick, left:right] = COLOUR
        picture[max(bottom - thick, 0) : bottom, left:right] = COLOUR
        picture[top:bottom, left : left + thick] = COLOUR
        picture[top:bottom, max(right - thick, 0) : right] = COLOUR
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    output = WholeFile(target, force=True)
    try:
        output.write(encode_png(picture))
        output.commit()
    finally:
        output.abort()


def _report(path: Path, detections: Detections) -> None:
    show(f"{path}: {len(detections)} {'face' if len(detections) == 1 else 'faces'}")
    for x, y, width, height, score in detections:
        show(f"  {score:.2f} at {x:.0f}, {y:.0f}, size {width:.0f} x {height:.0f}")
