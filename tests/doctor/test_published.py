import stat
from pathlib import Path

import pytest

from anoncam.clock import utc_text
from anoncam.doctor.check import ok, problem
from anoncam.doctor.published import NAME, publish, read
from anoncam.errors import StorageError
from tests.support.frames import FakeClock


def test_findings_are_read_as_they_were_published_without_passwords(tmp_path: Path) -> None:
    clock = FakeClock()
    assert read(tmp_path) is None
    publish(tmp_path, [problem("disk", "old", "", "")], clock)
    found = [ok("clock", "fine"), problem("camera", "rtsp://me:hunter2@cam/1", "gone", "plug it")]
    publish(tmp_path, found, clock)
    facts = read(tmp_path)
    assert facts is not None
    assert facts["at"] == utc_text(clock.utc())
    assert [each["check"] for each in facts["findings"]] == ["clock", "camera"]
    assert b"hunter2" not in (tmp_path / NAME).read_bytes()


def test_other_users_of_the_machine_cannot_read_them(tmp_path: Path) -> None:
    publish(tmp_path, [], FakeClock())
    facts = (tmp_path / NAME).stat()
    assert stat.S_IMODE(facts.st_mode) == 0o640
    assert facts.st_gid == tmp_path.stat().st_gid


def test_a_folder_that_is_gone_is_an_error_and_a_damaged_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        publish(tmp_path / "gone", [], FakeClock())
    for content in (b"", b"[]", b"{", b"[" * 100_000):
        (tmp_path / NAME).write_bytes(content)
        assert read(tmp_path) is None
