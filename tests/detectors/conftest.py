"""What the tests of the detectors share."""

from pathlib import Path

import pytest

from anoncam.frames.frame import Frame, tight
from tests.support import portrait
from tests.support.detector_faults import Faults


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """The faults of the simulated runtime, in every detector process that the test starts."""
    return Faults(tmp_path / "faults.json", monkeypatch)


@pytest.fixture(scope="session")
def face() -> Frame:
    """A frame with one face."""
    return portrait.portrait_frame(tight(320, 240))[0]
