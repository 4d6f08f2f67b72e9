"""The progress of a long command: a bar on a terminal, else a plain line now and then."""

import sys
import time
from types import TracebackType
from typing import Self

from tqdm import tqdm

from anoncam.cli.output import show_error
from anoncam.events.printable import printable

LINE_INTERVAL = 10.0
"""Seconds between plain lines."""


class Progress:
    """Prints frames done, their rate and the time left, on standard error."""

    def __init__(self, name: str, total: int | None) -> None:
        self._name = printable(name)
        self._total = total
        self._done = 0
        self._start = self._last_line = time.monotonic()
        self._bar = tqdm(
            total=total,
            desc=self._name,
            unit=" frames",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )

    def show(self, done: int) -> None:
        """Report that `done` frames are done."""
        self._bar.update(done - self._done)
        self._done = done
        now = time.monotonic()
        if self._bar.disable and now - self._last_line >= LINE_INTERVAL:
            self._last_line = now
            show_error(self._line(now - self._start))

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds
        if not self._total or not rate:
            return f"{self._name}: {self._done} frames, {rate:.1f} fps"
        left = max(0.0, (self._total - self._done) / rate)
        return (
            f"{self._name}: {self._done} of {self._total} frames, {rate:.1f} fps, {left:.0f} s left"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
