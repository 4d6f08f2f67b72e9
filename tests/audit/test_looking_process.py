"""The process that looks for further pictures may lie; the parent believes nothing."""

from pathlib import Path

import pytest

from anoncam.audit import looking_process
from anoncam.audit.looking_process import look_for_further_pictures
from anoncam.errors import InputError
from anoncam.sources.process.media_process import DEFAULT_LIMITS, FileProcess
from tests.support.liars import LIES_OF_PICTURES

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("lie", LIES_OF_PICTURES)
def test_a_lie_about_further_pictures_is_an_error(
    lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(path: Path, limits: object, module: str) -> FileProcess:
        assert module == "anoncam.audit.looking_worker"
        return FileProcess(path, DEFAULT_LIMITS, module="tests.support.liars")

    monkeypatch.setattr(looking_process, "FileProcess", lying)
    (tmp_path / "file").write_text(lie)
    with pytest.raises(InputError, match="cannot be read"):
        look_for_further_pictures(tmp_path / "file", DEFAULT_LIMITS)
