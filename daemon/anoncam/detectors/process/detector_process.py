"""The parent's side of the detector process: start it, send it pictures, check it, end it."""

import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult, DetectorInfo
from anoncam.detectors.letterbox import Letterbox
from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.process import picture_memory
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.detectors.process.messages import (
    MOST_SLOTS,
    Request,
    Start,
    decode_ready,
    decode_reply,
    receive,
)
from anoncam.detectors.process.picture_memory import Pictures
from anoncam.detectors.process.service_connection import ServiceConnection, check_model
from anoncam.errors import DetectorError
from anoncam.frames.frame import FrameFormat, Picture

START_TIMEOUT = 30.0
"""Seconds that the child may take to load; the first use of a Coral alone takes several."""


@dataclass(frozen=True)
class _Submitted:
    ticket: int
    timestamp: int
    letterbox: Letterbox | None
    """None if the picture was one of the model's input already."""
    at: float
    """Seconds of the monotonic clock at which it was submitted."""


class DetectorProcess:
    """A detector in a process of its own, which ends with the thread that made it.

    Over a `ServiceConnection` it is the detector that several cameras share. It does the same.

    >>> with contextlib.closing(DetectorProcess(DetectorSettings(), floor=0.2)) as detector:
    ...     detector.submit(frame, frame.timestamp)
    ...     result = detector.collect(timeout=2.0)
    """

    depth = MOST_SLOTS

    def __init__(
        self,
        settings: DetectorSettings,
        floor: float,
        child: ChildProcess | ServiceConnection | None = None,
    ) -> None:
        """Have the child load the model, and wait until it is ready.

        Detections that score less than `floor` are left out. `child` is a process that was started
        earlier, or the shared one; it is closed with this detector.

        Raises:
            ModelError: there is no such model, or the shared detector runs another one.
            CoralError: the Coral was asked for and cannot be used.
            DetectorError: the child cannot work.
        """
        self.floor = floor
        self._result_timeout = settings.result_timeout
        self._pending: deque[_Submitted] = deque()
        self._tickets = 0
        self._last_result_at = 0.0
        self._letterbox: tuple[FrameFormat, Letterbox] | None = None
        self._pictures: Pictures | None = None
        model = model_file.find(settings.model)
        self._child = child or ChildProcess()
        try:
            self.info = self._load(settings, model)
            self._pictures = self._share_memory()
        except BaseException:
            self.close()
            raise

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Scale the picture into the shared memory; its planes are not read after the return.

        Raises:
            DetectorError: the child is gone.
        """
        if self._letterbox is None or self._letterbox[0] != picture.format:
            self._letterbox = picture.format, Letterbox(picture.format, *self.info.input_size)
        letterbox = self._letterbox[1]
        letterbox.fill(picture, self._next_slot())
        self._request(timestamp, letterbox, self.floor)

    def submit_input(self, picture: NDArray[np.uint8], timestamp: int, floor: float) -> None:
        """Copy a picture of the model's input, of shape (height, width, 3), into the shared memory.

        The boxes of its result are in its pixels, and score at least `floor`.

        Raises:
            DetectorError: the child is gone.
        """
        self._next_slot()[:] = picture
        self._request(timestamp, None, floor)

    def collect(self, timeout: float) -> DetectionResult | None:
        """Return the result for the oldest picture, or None if it takes over `timeout` seconds.

        Raises:
            DetectorError: the child is gone, sends garbage, or has been silent for longer than
                `result_timeout`.
        """
        oldest = self._pending[0]
        since = max(oldest.at, self._last_result_at)
        try:
            message = receive(
                self._child.channel,
                min(timeout, max(0.0, since + self._result_timeout - time.monotonic())),
            )
        except DetectorError as error:
            raise DetectorError(self._child.exit_reason()) from error
        now = time.monotonic()
        if message is None:
            if now - since >= self._result_timeout:
                raise DetectorError(f"the detector has been silent for {now - since:.1f} s")
            return None
        reply = decode_reply(message)
        if reply.ticket != oldest.ticket:
            raise DetectorError("the detector sent a result for the wrong frame")
        self._pending.popleft()
        self._last_result_at = now
        detections = reply.detections
        if oldest.letterbox is not None:
            detections = oldest.letterbox.back(detections)
        return DetectionResult(oldest.timestamp, detections, reply.complete, now - since)

    def close(self) -> None:
        """End the child; idempotent."""
        self._child.close()
        self._pictures = None

    def _next_slot(self) -> NDArray[np.uint8]:
        if self._pictures is None:
            raise DetectorError("the detector process has been ended")
        slot: NDArray[np.uint8] = self._pictures[self._tickets % self.depth]
        return slot

    def _request(self, timestamp: int, letterbox: Letterbox | None, floor: float) -> None:
        self._pending.append(_Submitted(self._tickets, timestamp, letterbox, time.monotonic()))
        request = Request(self._tickets, self._tickets % self.depth, floor)
        try:
            self._child.channel.send(request.encode())
        except OSError as error:
            raise DetectorError(self._child.exit_reason()) from error
        self._tickets += 1

    def _share_memory(self) -> Pictures:
        width, height = self.info.input_size
        try:
            return picture_memory.share(self._child.channel, self.depth, height, width)
        except ConnectionError as error:
            raise DetectorError(self._child.exit_reason()) from error

    def _load(self, settings: DetectorSettings, model: ModelFile) -> DetectorInfo:
        device = (
            "coral-or-cpu"
            if (settings.device, settings.fallback) == ("coral", "cpu")
            else settings.device
        )
        start = Start(str(model.path), device, settings.runtime, settings.threads)
        is_own = isinstance(self._child, ChildProcess)
        try:
            if is_own:
                self._child.channel.send(start.encode())
            message = receive(self._child.channel, START_TIMEOUT)
        except (OSError, DetectorError) as error:
            raise DetectorError(
                f"{self._child.exit_reason()}, while it loaded {model.path}"
            ) from error
        if message is None:
            raise DetectorError(f"the detector did not start within {START_TIMEOUT:.0f} s")
        ready = decode_ready(message)
        ready.raise_error()
        if not is_own:
            check_model(ready, model)
        return ready.info()


def open_detector(settings: DetectorSettings, floor: float) -> DetectorProcess:
    """Use the detector service where `settings` name one, else start a process of one's own.

    Raises:
        DetectorError: there is no detector.
    """
    if settings.service is None:
        return DetectorProcess(settings, floor)
    connection = ServiceConnection(settings.service)
    try:
        return DetectorProcess(settings, floor, connection)
    except BaseException:
        connection.close()
        raise
