"""The thread that reloads, when the daemon ends."""

import contextlib
import math
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.last_good import Loaded
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.feed.client import FeedReader
from anoncam.service.config_loader import ConfigLoader
from anoncam.service.reload import Reloader
from tests.support.daemons import SYNTHETIC, Start, recording, stop_well

POLYGON = [
    [
        round(0.5 + math.cos(number / 100 * math.tau) / 2, 2),
        round(0.5 + math.sin(number / 100 * math.tau) / 2, 2),
    ]
    for number in range(100)
]
MANY = [POLYGON] * 45
"""What takes long to check, and fits into one request."""


def reloader(folder: Path) -> Reloader:
    unused = cast(Any, SimpleNamespace())
    loader = ConfigLoader(folder / "config.yaml", {}, folder / "state")
    loaded = Loaded(Config())
    return Reloader(loader, loaded, Anonymizer(AnonymizerSettings()), unused, unused)


def test_it_ends_without_the_work_that_waits(tmp_path: Path) -> None:
    begun, goes_on, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        goes_on.wait(60)

    ending = reloader(tmp_path)
    ending.start({}, lambda: done.append("reload"))
    assert ending.run_soon(work)
    assert begun.wait(60)
    assert ending.run_soon(lambda: done.append("work"))
    ending.request()
    assert not ending.close(0)
    goes_on.set()
    assert ending.close(60)
    assert done == []


@pytest.mark.integration
def test_a_daemon_that_checks_zones_when_it_is_stopped_ends_well(daemon: Start) -> None:
    running = recording(daemon(SYNTHETIC))
    asking = threading.Event()

    def ask() -> None:
        with contextlib.suppress(OSError), FeedReader(running.state, []) as reader:
            while True:
                reader.send({"zones": MANY})
                asking.set()

    asker = threading.Thread(target=ask)
    asker.start()
    assert asking.wait(60)
    stop_well(running)
    asker.join()
