"""The parent's side of the detector process: start it, ask it, doubt it, kill it."""

import json
import math
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from anoncam import memory
from anoncam.config.schema import DetectorSettings
from anoncam.detectors import Answer, DetectorInfo, models, wire
from anoncam.detectors.letterbox import Letterbox
from anoncam.detectors.models import ModelFile
from anoncam.detectors.wire import Request, decode_ready, decode_reply, receive
from anoncam.errors import DetectorError
from anoncam.frame import FrameFormat, Picture

START_TIMEOUT = 30.0
"""Seconds that the child may take to load: a Coral's first use alone takes several."""

_LAST_WORDS = 1.0
"""Seconds that a child may take to die: one whose USB transfer hangs in the kernel dies later, on its own."""

_COMPLAINT = 1000


@dataclass(frozen=True)
class _Submitted:
    ticket: int
    timestamp: int
    letterbox: Letterbox
    at: float


class DetectorProcess:
    """A detector in a process of its own, which ends with the thread that made it.

    >>> with contextlib.closing(DetectorProcess(DetectorSettings(), floor=0.2)) as detector:
    ...     detector.submit(frame, frame.timestamp)
    ...     answer = detector.collect(timeout=2.0)
    """

    depth = 2

    def __init__(self, settings: DetectorSettings, floor: float) -> None:
        """Start the child and wait until it can answer; `floor` is the least score that is of interest.

        Raises:
            ModelError: there is no such model.
            CoralError: the Coral was asked for and cannot be used.
            DetectorError: the child cannot work.
        """
        self.floor = floor
        self._answer_timeout = settings.answer_timeout
        self._pending: deque[_Submitted] = deque()
        self._tickets = 0
        self._last_word = 0.0
        self._letterbox: tuple[FrameFormat, Letterbox] | None = None
        self._complaints: deque[str] = deque(maxlen=5)
        self._area: mmap.mmap | None = None
        model = models.find(settings.model)
        self._channel, theirs = wire.pair()
        memory_fd = os.memfd_create("anoncam-pictures", os.MFD_CLOEXEC)
        try:
            try:
                self._process = _start(settings, model, (theirs.fileno(), memory_fd), self.depth)
            except OSError as error:
                self._channel.close()
                raise DetectorError(f"the detector process cannot be started: {error.strerror}") from error
            theirs.close()
            self._listener = threading.Thread(target=self._listen, name="detector-listener", daemon=True)
            self._listener.start()
            try:
                self.info = self._introduce(model)
                self._share(memory_fd)
            except BaseException:
                self.close()
                raise
        finally:
            theirs.close()
            os.close(memory_fd)

    def submit(self, picture: Picture, timestamp: int) -> None:
        """Scale the picture into the shared memory and ask; on return its planes are not read any more."""
        if self._area is None:
            raise DetectorError("the detector process has been ended")
        if self._letterbox is None or self._letterbox[0] != picture.format:
            self._letterbox = picture.format, Letterbox(picture.format, self._width, self._height)
        letterbox = self._letterbox[1]
        slot = self._tickets % self.depth
        letterbox.fill(picture, self._pictures[slot])
        self._pending.append(_Submitted(self._tickets, timestamp, letterbox, time.monotonic()))
        try:
            self._channel.send(Request(self._tickets, slot, self.floor).encode())
        except OSError as error:
            raise DetectorError(self._obituary()) from error
        self._tickets += 1

    def collect(self, timeout: float) -> Answer | None:
        """The answer to the oldest submitted picture, or None if it takes longer than `timeout` seconds.

        Raises:
            DetectorError: the child is gone, silent for `answer_timeout`, or answers garbage.
        """
        asked = self._pending[0]
        since = max(asked.at, self._last_word)
        try:
            message = receive(self._channel, min(timeout, max(0.0, since + self._answer_timeout - time.monotonic())))
        except DetectorError as error:
            raise DetectorError(self._obituary()) from error
        now = time.monotonic()
        if message is None:
            if now - since >= self._answer_timeout:
                raise DetectorError(f"the detector has been silent for {now - since:.1f} s")
            return None
        reply = decode_reply(message)
        if reply.ticket != asked.ticket:
            raise DetectorError("the detector answered for the wrong frame")
        self._pending.popleft()
        self._last_word = now
        return Answer(asked.timestamp, asked.letterbox.back(reply.detections), reply.complete, now - since)

    def close(self) -> None:
        """End the child; idempotent."""
        self._channel.close()
        self._process.kill()
        self._listener.join(_LAST_WORDS)
        if self._area is not None:
            del self._pictures
            self._area.close()
            self._area = None

    def _share(self, memory_fd: int) -> None:
        """Give the memory for the pictures its size, and map it.

        Raises:
            DetectorError: there is no memory for it.
            MemoryLockError: it could be swapped to a disk.
        """
        shape = self.depth, self._height, self._width, 3
        try:
            os.ftruncate(memory_fd, math.prod(shape))
            self._area = mmap.mmap(memory_fd, 0)
        except OSError as error:
            raise DetectorError(f"there is no memory for the detector's pictures: {error.strerror}") from error
        self._pictures = np.frombuffer(self._area, np.uint8).reshape(shape)
        memory.lock(self._area)

    def _introduce(self, model: ModelFile) -> DetectorInfo:
        try:
            message = receive(self._channel, START_TIMEOUT)
        except DetectorError as error:
            raise DetectorError(f"{self._obituary()}, while it loaded {model.path}") from error
        if message is None:
            raise DetectorError(f"the detector did not start within {START_TIMEOUT:.0f} s")
        ready = decode_ready(message)
        ready.raise_error()
        self._width, self._height = ready.input_width, ready.input_height
        size = ready.input_width, ready.input_height
        return DetectorInfo(
            ready.model, ready.sha256, size, ready.device, ready.reason, ready.runtime, ready.coral_problem
        )

    def _listen(self) -> None:
        """Keep the last lines of the child until it ends, and leave no zombie."""
        stream = self._process.stderr
        assert stream is not None  # noqa: S101 - it was asked for as a pipe
        with stream:
            while line := stream.readline(_COMPLAINT):
                if not line.startswith(b"INFO"):
                    text = "".join(filter(str.isprintable, line.decode(errors="replace")))
                    self._complaints.append(text.strip()[:200])
        self._process.wait()

    def _obituary(self) -> str:
        """How the child ended, as far as it can be told."""
        self._listener.join(_LAST_WORDS)
        code = self._process.returncode
        if code is None:
            return "the detector process closed its connection"
        end = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        last = f": {self._complaints[-1]}" if self._complaints else ""
        return f"the detector process {end}{last}"


def _start(settings: DetectorSettings, model: ModelFile, fds: tuple[int, int], slots: int) -> subprocess.Popen[bytes]:
    arguments = {
        "model": str(model.path),
        "device": "coral-or-cpu" if (settings.device, settings.fallback) == ("coral", "cpu") else settings.device,
        "runtime": settings.runtime,
        "threads": settings.threads,
        "socket": fds[0],
        "memory": fds[1],
        "slots": slots,
    }
    # The child needs no settings, some of which are secrets, and no signals from the terminal.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANONCAM__")}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "anoncam.detectors.child", json.dumps(arguments)],
        pass_fds=fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
