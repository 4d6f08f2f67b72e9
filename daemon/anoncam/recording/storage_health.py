"""Whether the disk takes the recordings, and when to try again after it failed."""

import logging
import threading
from enum import StrEnum
from pathlib import Path

from anoncam.clock import NANOSECONDS, Clock
from anoncam.events.event import Event, emit

_LONGEST_BACK_OFF = 30


class StorageState(StrEnum):
    """How the disk is doing; `retrying` until the first fragment after a failure is on the disk."""

    WORKING = "working"
    FAILED = "failed"
    RETRYING = "retrying"


class StorageHealth:
    """The state of the disk, with one event for a failure and one for the recovery.

    The back-off is 1 s after the first failure and doubles with each vain retry, up to 30 s.
    `failed_before`: the disk has failed under the recorder before this one. Then the first
    fragment on the disk is reported as the recovery.
    """

    def __init__(self, folder: Path, clock: Clock, *, failed_before: bool) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._state = StorageState.RETRYING if failed_before else StorageState.WORKING
        self._retry_at = 0
        self._back_off = 1

    @property
    def state(self) -> StorageState:
        """The state of now."""
        return self._state

    def may_open(self, *, idle: bool) -> bool:
        """Whether a new segment may be begun.

        After a failure it may once the back-off is over and the storage thread is `idle`.
        """
        with self._lock:
            if self._state is StorageState.FAILED:
                if not idle or self._clock.monotonic() < self._retry_at:
                    return False
                self._state = StorageState.RETRYING
            return True

    def fail(self, reason: str) -> None:
        """Take note of a failure, and report it if the disk had been working."""
        with self._lock:
            before, self._state = self._state, StorageState.FAILED
            if before is StorageState.FAILED:
                return
            was_working = before is StorageState.WORKING
            self._back_off = 1 if was_working else min(2 * self._back_off, _LONGEST_BACK_OFF)
            self._retry_at = self._clock.monotonic() + self._back_off * NANOSECONDS
        if was_working:
            emit(
                Event.STORAGE_FAILED,
                f"nothing can be recorded, trying again: {reason}",
                level=logging.ERROR,
                folder=str(self._folder),
                reason=reason,
            )

    def recover(self, dropped: int) -> None:
        """Note that a fragment has reached the disk; `dropped` are the fragments lost so far."""
        with self._lock:
            if self._state is not StorageState.RETRYING:
                return
            self._state = StorageState.WORKING
        message = f"recording again; {dropped} fragments have been lost so far"
        emit(Event.STORAGE_BACK, message, folder=str(self._folder), dropped=dropped)
