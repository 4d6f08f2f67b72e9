"""Pictures that lie in the process that has decoded them."""

import contextlib
from collections import deque

from anoncam.frames.frame import Frame, FrameTime
from anoncam.sources.process.media_process import MediaProcess
from anoncam.sources.process.messages import Done
from anoncam.sources.shared_handle import SharedHandle


class Tickets:
    """What the tickets of a process are good for: to have a picture copied, and to give it back."""

    def __init__(self, media: MediaProcess) -> None:
        self._media = media
        self._memories: set[int] = set()
        self._dropped: deque[int] = deque()

    def copy(self, ticket: int, frame: Frame) -> None:
        """Have the process copy a picture into `frame`.

        Raises:
            InputError: the process cannot do it.
            ValueError: the frame is not of a pool.
        """
        if frame.place is None:
            raise ValueError("the frame is not of a pool")
        memory = frame.place.memory
        is_new = memory.number not in self._memories
        self._memories.add(memory.number)
        self._media.ask(
            Done,
            "copy",
            [memory.descriptor] if is_new else [],
            ticket=ticket,
            memory=memory.number,
            offset=frame.place.offset,
            dropped=self.dropped(),
        )

    def drop(self, ticket: int) -> None:
        """Give a picture back with the next request."""
        self._dropped.append(ticket)

    def give_back(self, ticket: int) -> None:
        """Give a picture back now, with all that are to be given back.

        Raises:
            InputError: the process has ended.
        """
        self._media.ask(Done, "drop", dropped=[*self.dropped(), ticket])

    def dropped(self) -> list[int]:
        """Take the tickets that are to be given back; each is taken once, by whichever thread."""
        taken: list[int] = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._dropped.popleft())
        return taken


class RemoteCapture:
    """A picture in the process that has decoded it; it keeps `handle` open until it is closed."""

    def __init__(
        self, ticket: int, time: FrameTime, tickets: Tickets, handle: SharedHandle
    ) -> None:
        self.time = time
        self._ticket: int | None = ticket
        self._tickets = tickets
        self._handle = handle
        self._acquired = handle.acquire()

    def copy_into(self, frame: Frame) -> None:
        """Have the picture copied into `frame`, which must be in shared memory."""
        if self._ticket is None:
            raise ValueError("this capture is closed")
        self._tickets.copy(self._ticket, frame)
        frame.stamp(self.time)

    def close(self) -> None:
        """Give the buffer back to the decoder; idempotent."""
        if self._ticket is not None:
            self._tickets.drop(self._ticket)
            self._ticket = None
        if self._acquired:
            self._acquired = False
            self._handle.release()
