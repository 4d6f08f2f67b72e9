"""What tests share: footage of a face in motion, and the data beside the checkout where there is
any."""

import logging
import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from anoncam.events.event import LOGGER
from tests.support import events
from tests.support.checkout import ROOT
from tools.demo.footage import make_footage

# A slow example on a busy machine is no failure. pytest's own time-out ends what hangs.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


# Some tests put modules of theirs into processes that decode. These do not start in this folder.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))

LONG = {ROOT / "tests" / name for name in ("faults", "outlets", "system")}
"""Tests that run only when they are named: make test-faults, test-outlets, test-system."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the long tests, unless an argument names them."""
    named = any(collection_path.name in argument for argument in config.args)
    return True if collection_path in LONG and not named else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Have each test, and all that it starts, share the processor as on any machine.

    Under real-time scheduling, one busy process would stop all others for ever, and pytest's
    time-out too. Whoever started the tests may have chosen that scheduling."""
    if os.sched_getscheduler(0) in (os.SCHED_FIFO, os.SCHED_RR):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what is no UTF-8 in captured output: parallel workers cannot send it."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """Have each test log as if it were the first: some commands silence their own log."""
    yield
    LOGGER.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of 640x360 at 30 frames per second: a face that leaves the view and comes back;
    labels beside it."""
    path = tmp_path_factory.mktemp("footage") / "face.mp4"
    make_footage(path, width=640, height=360, seconds=4)
    return path


@pytest.fixture(scope="session")
def footage_with_cuts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of 640x360 that cut to another shot every 1.5 seconds; labels beside it say
    where."""
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


@pytest.fixture
def central_european_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone that is one hour ahead of UTC in winter and two in summer."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
