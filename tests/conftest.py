"""What tests share: footage of a face in motion, and the data beside the checkout where there is any."""

import os
from collections.abc import Iterator
from pathlib import Path

import events
import pytest

from anoncam.events import LOGGER
from tools.footage import make_footage

ROOT = Path(__file__).parent.parent


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Have each test, and all that it starts, share the processor as on any machine.

    In real time, one busy process would keep all others from it for ever, and pytest's time-out too; whoever started
    the tests may have them put there at any time.
    """
    if os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 640x360 at 30 frames per second: a face that leaves the view and comes back; labels beside it."""
    path = tmp_path_factory.mktemp("footage") / "face.mp4"
    make_footage(path, width=640, height=360, seconds=4)
    return path


@pytest.fixture(scope="session")
def footage_with_cuts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 640x360 that cut to another shot every 1.5 seconds; labels beside it say where."""
    path = tmp_path_factory.mktemp("footage") / "cuts.mp4"
    make_footage(path, width=640, height=360, seconds=6, cuts=True)
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data beside the checkout, or wherever ANONCAM_SHARED says."""
    given = os.environ.get("ANONCAM_SHARED", "../shared")
    path = (ROOT / given).resolve()
    if not (path / "data").is_dir():
        pytest.skip(f"no shared data in {path} (ANONCAM_SHARED names another place)")
    return path


@pytest.fixture
def event_log() -> Iterator[events.EventLog]:
    """All events of the test, as they come."""
    log = events.attach()
    yield log
    LOGGER.removeHandler(log)
