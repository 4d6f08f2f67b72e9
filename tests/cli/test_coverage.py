"""`anoncam coverage` there and back."""

from pathlib import Path

import pytest

from anoncam.errors import CoverageFileError, StorageError
from anoncam.tracking.coverage import Coverage
from tests.support.documents import FACE, document_of
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("tool", "name"), [("cvat", "a.xml"), ("coco", "a.json")])
def test_a_file_goes_to_a_tool_and_comes_back(tmp_path: Path, tool: str, name: str) -> None:
    file, back = tmp_path / "coverage.json", tmp_path / "back.json"
    file.write_text(document_of([Coverage((FACE,)), Coverage(veil="late")]).model_dump_json())
    ended = anoncam("coverage", f"to-{tool}", file, "-o", tmp_path / name)
    assert (ended.returncode, ended.stderr) == (0, "")
    arguments = ("coverage", f"from-{tool}", tmp_path / name, "--base", file, "-o")
    assert anoncam(*arguments, back).returncode == 0
    assert back.read_bytes() == file.read_bytes()
    assert anoncam(*arguments, back).returncode == StorageError.exit_code
    bad = anoncam("coverage", f"from-{tool}", back, "--base", tmp_path / name, "-o", tmp_path / "c")
    assert bad.returncode == CoverageFileError.exit_code
    assert len(bad.stderr.splitlines()) == 1
