"""A moving test picture without people, for a daemon without a camera."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.frames.frame import Frame, FrameFormat, Layout, Plane, tight
from anoncam.sources.base_source import BaseSource

_SPEED = 4
"""Luma columns that the pattern moves per frame; even, as a chroma sample covers two columns."""


class SyntheticSource(BaseSource):
    """Bars of changing brightness and colour that move to the left, in real time.

    `stride` is the length of a luma row in bytes, if it should be longer than the width.
    """

    live = True

    def __init__(
        self,
        width: int,
        height: int,
        frame_rate: Fraction,
        *,
        clock: Clock,
        stop: Stop,
        rotation: int = 0,
        layout: Layout = Layout.I420,
        stride: int | None = None,
    ) -> None:
        super().__init__(stop, clock)
        plain = tight(width, height, layout)
        self.description = "synthetic test picture"
        self.format = replace(
            plain, stride=stride or plain.stride, frame_rate=frame_rate, rotation=rotation
        )
        self._pattern = Pattern(self.format)
        self._interval = round(NANOSECONDS / frame_rate)
        self.begin = clock.monotonic()
        self._count = 0

    def _read(self) -> "SyntheticCapture | None":
        # A late reader gets the present picture, as from a camera, which does not wait either.
        late = (self._clock.monotonic() - self.begin) // self._interval
        self._count = max(self._count, late)
        timestamp = self.begin + self._count * self._interval
        if not self._sleep_until(timestamp):
            return None
        self._count += 1
        return SyntheticCapture(self._pattern, self._count, timestamp)

    def _release(self) -> None:
        """Do nothing: nothing is open."""


class Pattern:
    """The picture, drawn once and wide enough to move along it."""

    def __init__(self, frame_format: FrameFormat) -> None:
        width, height = frame_format.width, frame_format.height
        self.period = width + width % 2
        columns, rows = -(-width // 2), -(-height // 2)
        self._luma = self._draw(2 * self.period, height, bars=8)
        first = self._draw(self.period, rows, bars=3)[:, : 2 * columns]
        second = self._draw(self.period, rows, bars=2)[::-1, : 2 * columns]
        is_nv12 = frame_format.layout is Layout.NV12
        self._chroma = (np.stack([first, second], axis=2),) if is_nv12 else (first, second)

    def _draw(self, width: int, height: int, bars: int) -> Plane:
        half = width // 2
        across = np.arange(width) % half * bars * 192 // half % 192
        down = 64 + np.arange(height)[:, None] * 192 // height
        return (32 + across * down // 256).astype(np.uint8)

    def draw(self, frame: Frame, count: int) -> None:
        """Copy the part of the pattern for frame number `count` into `frame`."""
        offset = count * _SPEED % self.period
        np.copyto(frame.luma, self._luma[:, offset : offset + frame.luma.shape[1]])
        for plane, samples in zip(frame.chroma, self._chroma, strict=True):
            np.copyto(plane, samples[:, offset // 2 : offset // 2 + plane.shape[1]])


class SyntheticCapture:
    """One position of the pattern."""

    def __init__(self, pattern: Pattern, count: int, timestamp: int) -> None:
        self.timestamp = timestamp
        self._pattern = pattern
        self._count = count

    def copy_into(self, frame: Frame) -> None:
        """Draw the picture into `frame`."""
        self._pattern.draw(frame, self._count)
        frame.timestamp = self.timestamp

    def close(self) -> None:
        """Do nothing: a capture has no buffer of its own."""
