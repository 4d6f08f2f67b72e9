"""Which stage stands still: what decides whether systemd's watchdog is fed."""

from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock


@dataclass(frozen=True)
class _Seen:
    mark: object
    at: int


class Watchdog:
    """Remembers when each stage last showed another mark, such as a count that grows.

    >>> stages = Watchdog(SystemClock())
    >>> stages.see("capture", 17, limit=12)
    >>> stages.frozen
    []
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._limits: dict[str, float] = {}

    def observe(self, stage: str, mark: object, *, limit: float) -> None:
        """The stage shows `mark`; the same one for more than `limit` seconds means that it is
        frozen.
        """
        self._limits[stage] = limit
        before = self._seen.get(stage)
        if before is None or before.mark != mark:
            self._seen[stage] = _Seen(mark, self._clock.monotonic())

    def still(self, stage: str) -> float:
        """Seconds since the stage last showed another mark."""
        return (self._clock.monotonic() - self._seen[stage].at) / NANOSECONDS

    @property
    def frozen(self) -> list[str]:
        """The stages that are frozen."""
        return [stage for stage, limit in self._limits.items() if self.still(stage) > limit]

    @property
    def hopeless(self) -> bool:
        """Whether one has been frozen for so long that a new start within the process has not
        helped.
        """
        return any(self.still(stage) > 2 * limit for stage, limit in self._limits.items())
