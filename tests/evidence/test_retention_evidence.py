"""Deletions by retention: each is recorded, before it is done if possible."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.recording.retention import Retention
from tests.support.evidence_folder import SETTINGS, record, records, retain
from tests.support.frames import FakeClock
from tests.support.recording import roomy

pytestmark = pytest.mark.integration


def test_evidence_counts_towards_max_size(tmp_path: Path) -> None:
    segments = record(tmp_path, 4)
    footage = sum(path.stat().st_size for path in segments)
    beside = sum(path.stat().st_size for path in tmp_path.glob("*.json"))
    chain = (tmp_path / "evidence.jsonl").stat().st_size
    retain(tmp_path, footage + beside + chain)
    assert len(list(tmp_path.glob("*.mp4"))) == 4
    retain(tmp_path, footage + beside + chain - 1)
    assert len(list(tmp_path.glob("*.mp4"))) == 3


def test_a_full_disk_is_freed_even_if_the_deletion_cannot_be_recorded_first(
    tmp_path: Path, broken: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = record(tmp_path, 4)
    broken(True)
    unlink = Path.unlink

    def freeing(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        broken(False)

    monkeypatch.setattr(Path, "unlink", freeing)
    retain(tmp_path, 1)
    assert [path.exists() for path in segments] == [False, False, False, True]
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 3


def test_a_segment_that_cannot_be_deleted_is_recorded_and_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, 3)
    settings = SETTINGS.retention.model_copy(update={"max_size": 1})
    retention, evidence = (
        Retention(tmp_path, FakeClock(), free=lambda _: 10**15),
        LedgerWriter(tmp_path, FakeClock()),
    )
    unlink = Path.unlink

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "unlink", refuse)
    for _ in range(5):
        retention.apply(settings, evidence)
    assert sum("cannot be deleted" in line for line in caplog.messages) == 2
    monkeypatch.setattr(Path, "unlink", unlink)
    retention.apply(settings, evidence)
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 2
    assert len(list(tmp_path.glob("*.mp4"))) == 1


def test_a_deletion_that_failed_is_tried_again_while_records_are_pending(
    tmp_path: Path, broken: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, 3)
    settings = SETTINGS.retention.model_copy(update={"max_size": 1})
    retention, evidence = roomy(tmp_path), LedgerWriter(tmp_path, FakeClock())
    unlink = Path.unlink

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "unlink", refuse)
    broken(True)
    retention.apply(settings, evidence)
    broken(False)
    monkeypatch.setattr(Path, "unlink", unlink)
    retention.apply(settings, evidence)
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 2
    assert len(list(tmp_path.glob("*.mp4"))) == 1
