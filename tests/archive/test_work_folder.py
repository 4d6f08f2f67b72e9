"""What is kept of a file in work comes back exactly."""

import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anoncam.archive.detection import Seen
from anoncam.archive.work_folder import WorkFolder
from anoncam.detectors.detector import DetectionResult
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.archive import IDENTITY


def test_what_was_seen_comes_back_to_the_bit(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "work")
    folder.begin(IDENTITY)
    found = np.random.default_rng(3).random((7, 5)).astype(np.float32)
    late = 1 << 60
    results = DetectionResult(late, found, False, 0), DetectionResult(late + 1, found[:0], True, 0)
    seen = [
        Seen(-5, STILL, begins_scene=False, gone=None),
        Seen(late, Motion(1.01, 1 / 3, -2e-7), True, 17, results[0]),
        Seen(late + 1, STILL, False, None, results[1]),
    ]
    folder.keep_seen(4, seen)
    assert folder.has_seen(4)
    assert not folder.has_seen(3)
    for before, after in zip(seen, folder.seen(4), strict=True):
        assert replace(before, result=None) == replace(after, result=None)
        assert (before.result is None) == (after.result is None)
        if before.result is not None and after.result is not None:
            assert before.result.complete == after.result.complete
            assert before.result.detections.dtype == after.result.detections.dtype
            assert np.array_equal(before.result.detections, after.result.detections)


def test_coverage_comes_back_to_the_bit(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "work")
    folder.begin(IDENTITY)
    coverage = {
        3: Coverage((CoverBox((1 / 3, -2.5, 1e5, 7.0), "track 1"),)),
        4: Coverage(veil="no result"),
    }
    folder.keep_coverage(0, coverage.items())
    assert folder.coverage(0) == coverage


def test_other_input_or_settings_begin_anew_with_another_secret(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "work")
    folder.begin(IDENTITY)
    secret = folder.secret
    assert stat.S_IMODE((tmp_path / "work" / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "work").stat().st_mode) == 0o700
    folder.keep_seen(0, [])
    folder.begin(IDENTITY)
    assert folder.has_seen(0)
    assert folder.secret == secret
    for other in (replace(IDENTITY, sha256="1" * 64), replace(IDENTITY, settings="others")):
        folder.begin(other)
        assert not folder.has_seen(0)
        assert folder.secret != secret
        folder.keep_seen(0, [])


def test_a_part_counts_only_with_its_footage(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "work")
    folder.begin(IDENTITY)
    folder.keep_counts(0, {"frames": 3})
    assert folder.counts(0) is None
    folder.part(0).write_bytes(b"x")
    assert folder.counts(0) == {"frames": 3}


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b"[" * 50_000])
def test_work_of_nobody_knows_what_begins_anew(tmp_path: Path, damage: bytes) -> None:
    work = WorkFolder(tmp_path / "work")
    work.begin(IDENTITY)
    before = work.secret
    (work.path / "identity.json").write_bytes(damage)
    work.begin(IDENTITY)
    assert work.secret != before
