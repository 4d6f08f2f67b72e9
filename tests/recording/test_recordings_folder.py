"""The numbers of segments."""

from pathlib import Path

import pytest

from tests.support.evidence_folder import record

pytestmark = pytest.mark.integration


def test_numbers_go_on_after_a_restart_and_after_all_segments_were_moved_away(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        record(tmp_path, 1)
    for file in tmp_path.glob("*.mp4"):
        file.unlink()
    (file,) = record(tmp_path, 1)
    assert file.name == "000000003_20260714T091500Z.mp4"


def test_numbers_go_on_where_the_small_file_is_lost_or_garbled(tmp_path: Path) -> None:
    for _ in range(3):
        files = record(tmp_path, 1)
        (tmp_path / ".anoncam-number").write_bytes(b"\xff\x00")
    assert len(files) == 3
