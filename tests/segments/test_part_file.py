from datetime import UTC, datetime
from pathlib import Path

import pytest

from anoncam.segments.part_file import PartFile
from anoncam.segments.segment_name import SegmentName


def test_a_segment_is_not_begun_if_another_disk_is_at_the_folder(tmp_path: Path) -> None:
    name = SegmentName(1, datetime(2026, 7, 14, tzinfo=UTC))
    with pytest.raises(FileNotFoundError):
        PartFile(tmp_path, name, tmp_path.stat().st_dev + 1)
    assert list(tmp_path.iterdir()) == []
