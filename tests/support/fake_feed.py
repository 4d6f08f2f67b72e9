"""A feed without a daemon: real messages on a real socket, when a test says so."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from anoncam.clock import NANOSECONDS, SystemClock
from anoncam.frames.frame import FrameFormat
from anoncam.recording.segment import Segment
from anoncam.service.feed import Feed
from anoncam.service.feed_server import FeedServer
from tests.support.frames import moving, small_format

STATUS: Mapping[str, Any] = {
    "version": "1",
    "state": "recording",
    "doing": "recording",
    "since": "2026-07-14T09:15:00Z",
    "fps": 30.0,
    "counts": {"captured": 90, "dropped": 0, "inferred": 30, "recorded": 90, "veiled": 2}
    | {"damaged": 0, "losses": 0, "faces_covered": 88, "faces": 1, "veil": "", "silence": 15.0},
    "detector": {"model": "anoncam-face", "device": "cpu", "latency_ms": 20.0},
    "recording": {"state": "working", "free_bytes": 10**10, "bytes_on_disk": 5000}
    | {"dropped_fragments": 0}
    | {"upload": {"segments": 2, "bytes": 700, "oldest": "2026-07-14T09:15:00Z", "problem": ""}},
    "config": {"file": "/etc/anoncam/config.yaml", "problems": []},
}
"""A status as a daemon that records tells it, cut down."""


class FakeFeed:
    """Serves a feed in `folder`; `film` encodes frames, ten a second, into it.

    >>> with FakeFeed(tmp_path) as feed, FeedReader(tmp_path, ["fragment"]) as reader:
    ...     feed.wait_for_readers("fragment")
    ...     feed.film(11)
    ...     init, fragment = islice(reader, 1, 3)
    """

    def __init__(self, folder: Path, frame_format: FrameFormat | None = None) -> None:
        self.feed = Feed(SystemClock())
        self._format = frame_format or small_format()
        self._server = FeedServer(folder, self.feed)
        self._frames = 0
        self.begin_segment()

    def begin_segment(self) -> None:
        """Go on in a new segment, with an init segment of its own."""
        self._segment = Segment(
            "libx264",
            self._format,
            4000,
            start=self._frames * NANOSECONDS // 10,
            interval=NANOSECONDS // 10,
            outlet=self.feed,
        )

    def film(self, frames: int) -> None:
        """Encode that many frames; each ten of them, and one more, complete a fragment."""
        for _ in range(frames):
            frame = moving(self._format, self._frames * NANOSECONDS // 10)
            self._segment.write(frame)
            self.feed.offer(frame)
            self._frames += 1

    def tell_status(self, **changes: object) -> None:
        """Tell the status, with changes."""
        self.feed.tell_status({**STATUS, **changes})

    def wait_for_readers(self, *kinds: str) -> None:
        """Wait until somebody wants each of these kinds."""
        self.wait_until(lambda: all(kind in self.feed.wanted for kind in kinds))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition on what readers want, or on their number."""
        with self.feed.changed:
            if not self.feed.changed.wait_for(condition, 60):
                raise AssertionError(f"readers want {sorted(self.feed.wanted)}")

    def close(self) -> None:
        """End it, as a daemon ends."""
        self._segment.abandon()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
