"""Notices stages that stand still, which decides whether systemd's watchdog is fed."""

from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock


@dataclass(frozen=True)
class _Progress:
    mark: object
    at: int


class Watchdog:
    """Remembers when each stage last showed another mark, such as a count that has grown.

    >>> watchdog = Watchdog(SystemClock())
    >>> watchdog.observe("capture", 17, limit=12)
    >>> watchdog.frozen
    []
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._progress: dict[str, _Progress] = {}
        self._limits: dict[str, float] = {}

    def observe(self, stage: str, mark: object, *, limit: float) -> None:
        """Take note of a stage's mark; with the same one for over `limit` seconds it is frozen."""
        self._limits[stage] = limit
        before = self._progress.get(stage)
        if before is None or before.mark != mark:
            self._progress[stage] = _Progress(mark, self._clock.monotonic())

    @property
    def frozen(self) -> list[str]:
        """The stages that are frozen."""
        return [stage for stage, limit in self._limits.items() if self._still(stage) > limit]

    @property
    def hopeless(self) -> bool:
        """Whether one is frozen for twice its limit: a new session has not helped."""
        return any(self._still(stage) > 2 * limit for stage, limit in self._limits.items())

    def _still(self, stage: str) -> float:
        """Seconds since the stage last showed another mark."""
        return (self._clock.monotonic() - self._progress[stage].at) / NANOSECONDS
