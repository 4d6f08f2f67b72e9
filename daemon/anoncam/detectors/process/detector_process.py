"""The parent's side of the detector process: start it, send it pictures, check it, end it."""

import math
import mmap
import os
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult, DetectorInfo
from anoncam.detectors.letterbox import Letterbox
from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.detectors.process.messages import Request, Start, decode_ready, decode_reply, receive
from anoncam.errors import DetectorError
from anoncam.frames import locked_memory
from anoncam.frames.frame import FrameFormat, Picture

START_TIMEOUT = 30.0
"""Seconds that the child may take to load; the first use of a Coral alone takes several."""


@dataclass(frozen=True)
class _Submitted:
    ticket: int
    timestamp: int
    letterbox: Letterbox
    at: float
    """Seconds of the monotonic clock at which it was submitted."""


class DetectorProcess:
    """A detector in a process of its own, which ends with the thread that made it.

    >>> with contextlib.closing(DetectorProcess(DetectorSettings(), floor=0.2)) as detector:
    ...     detector.submit(frame, frame.timestamp)
    ...     result = detector.collect(timeout=2.0)
    """

    depth = 2

    def __init__(
        self, settings: DetectorSettings, floor: float, child: ChildProcess | None = None
    ) -> None:
        """Have the child load the model, and wait until it is ready.

        Detections that score less than `floor` are left out. `child` is a process that was started
        earlier; it is closed with this detector.

        Raises:
            ModelError: there is no such model.
            CoralError: the Coral was asked for and cannot be used.
            DetectorError: the child cannot work.
        """
        self.floor = floor
        self._result_timeout = settings.result_timeout
        self._pending: deque[_Submitted] = deque()
        self._tickets = 0
        self._last_result_at = 0.0
        self._letterbox: tuple[FrameFormat, Letterbox] | None = None
        self._area: mmap.mmap | None = None
        model = model_file.find(settings.model)
        self._child = child or ChildProcess()
        try:
            self.info = self._load(settings, model)
            self._share_memory()
        except BaseException:
            self.close()
            raise

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Scale the picture into the shared memory; its planes are not read after the return.

        Raises:
            DetectorError: the child is gone.
        """
        if self._area is None:
            raise DetectorError("the detector process has been ended")
        if self._letterbox is None or self._letterbox[0] != picture.format:
            self._letterbox = picture.format, Letterbox(picture.format, self._width, self._height)
        letterbox = self._letterbox[1]
        slot = self._tickets % self.depth
        letterbox.fill(picture, self._pictures[slot])
        self._pending.append(_Submitted(self._tickets, timestamp, letterbox, time.monotonic()))
        try:
            self._child.channel.send(Request(self._tickets, slot, self.floor).encode())
        except OSError as error:
            raise DetectorError(self._child.exit_reason()) from error
        self._tickets += 1

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
        return DetectionResult(
            oldest.timestamp, oldest.letterbox.back(reply.detections), reply.complete, now - since
        )

    def close(self) -> None:
        """End the child; idempotent."""
        self._child.close()
        if self._area is not None:
            del self._pictures
            self._area.close()
            self._area = None

    def _share_memory(self) -> None:
        """Set the size of the memory for the pictures, map it and lock it.

        Raises:
            DetectorError: there is not enough memory.
            MemoryLockError: it could be swapped to a disk.
        """
        shape = self.depth, self._height, self._width, 3
        try:
            os.ftruncate(self._child.memory, math.prod(shape))
            self._area = mmap.mmap(self._child.memory, 0)
        except OSError as error:
            raise DetectorError(
                f"there is no memory for the detector's pictures: {error.strerror}"
            ) from error
        self._pictures = np.frombuffer(self._area, np.uint8).reshape(shape)
        locked_memory.lock(self._area)

    def _load(self, settings: DetectorSettings, model: ModelFile) -> DetectorInfo:
        device = (
            "coral-or-cpu"
            if (settings.device, settings.fallback) == ("coral", "cpu")
            else settings.device
        )
        start = Start(str(model.path), device, settings.runtime, settings.threads, self.depth)
        try:
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
        self._width, self._height = ready.input_width, ready.input_height
        size = ready.input_width, ready.input_height
        return DetectorInfo(
            ready.model,
            ready.sha256,
            size,
            ready.device,
            ready.reason,
            ready.runtime,
            ready.coral_problem,
        )
