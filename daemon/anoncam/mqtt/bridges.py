"""A bridge for each camera of the machine: a device of its own in Home Assistant."""

import threading
from pathlib import Path

from anoncam.clock import Clock, Stop
from anoncam.feed.cameras import LOOK, camera_name, find_cameras
from anoncam.mqtt.bridge import Bridge, Place


class Bridges:
    """Tells of the daemon with the runtime folder `folder`, and of those beside it."""

    def __init__(self, folder: Path, password: str | None, clock: Clock, stop: Stop) -> None:
        self._folder = folder
        self._password = password
        self._clock = clock
        self._stop = stop
        self._bridges: dict[str, Bridge] = {}
        self._taken: dict[Place, Bridge] = {}
        self._errors: list[BaseException] = []

    def run(self) -> None:
        """Tell until a stop is requested; further cameras are found while it runs.

        Raises:
            AnoncamError: paho-mqtt is not installed.
        """
        threads = [self._begin(camera_name(self._folder), self._folder)]
        while not self._stop.requested:
            for name, folder in find_cameras(self._folder).items():
                if name not in self._bridges:
                    threads.append(self._begin(name, folder))
            self._stop.wait(LOOK)
        for thread in threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def close(self) -> None:
        """End `run` soon; it may be called by a signal."""
        self._stop.request()
        for bridge in tuple(self._bridges.values()):
            bridge.close()

    def remove(self) -> None:
        """Have the broker forget all cameras that run, once.

        Raises:
            NotRunningError: no daemon has published the settings.
        """
        folders = list(find_cameras(self._folder).values()) or [self._folder]
        bridges = [self._bridge(each) for each in folders]
        for bridge in [each for each in bridges if each.has_broker] or bridges[:1]:
            bridge.remove()

    def _bridge(self, folder: Path) -> Bridge:
        return Bridge(folder, self._password, self._clock, self._stop, self._taken)

    def _begin(self, name: str, folder: Path) -> threading.Thread:
        bridge = self._bridges[name] = self._bridge(folder)
        thread = threading.Thread(target=self._run, args=(bridge,), name=f"bridge {name}")
        thread.start()
        return thread

    def _run(self, bridge: Bridge) -> None:
        try:
            bridge.run()
        except BaseException as error:
            self._errors.append(error)
            self.close()
