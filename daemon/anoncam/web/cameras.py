"""All cameras of the machine, each with a reader of its feed."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from anoncam.clock import Clock
from anoncam.feed.cameras import LOOK, camera_name, enabled_cameras, find_cameras
from anoncam.web.live import Live


class Cameras:
    """Reads the feeds of the daemon with the runtime folder `folder`, and of those beside it.

    A camera that was there once stays known, and one that starts with the machine is, so that the
    page can say that it does not record.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lives: dict[str, Live] = {}
        self._enabled: Collection[str] = ()
        self._readers: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Read until cancelled."""
        try:
            self._read(camera_name(self._folder), self._folder)
            while True:
                enabled = enabled_cameras(self._folder)
                for name, folder in (find_cameras(self._folder) | enabled).items():
                    if name not in self._lives:
                        self._read(name, folder)
                self._enabled = enabled
                await asyncio.sleep(LOOK)
        finally:
            for reader in self._readers:
                reader.cancel()
            await asyncio.gather(*self._readers, return_exceptions=True)

    def expected(self) -> dict[str, Live]:
        """The cameras that are to be there, by their names; without any, the only one."""
        expected = {
            name: each
            for name, each in self._lives.items()
            if each.last_status is not None or name in self._enabled
        }
        return expected or dict(list(self._lives.items())[:1])

    def find(self, name: str | None) -> Live | None:
        """The camera of that name, the first one for None; None if there is none."""
        expected = self.expected()
        return next(iter(expected.values()), None) if name is None else expected.get(name)

    @property
    def viewers(self) -> int:
        """How many browsers watch."""
        return sum(each.viewers for each in self._lives.values())

    def _read(self, name: str, folder: Path) -> None:
        live = self._lives[name] = Live(folder, self._clock)
        self._readers.append(asyncio.create_task(live.run()))
