import threading

import pytest

from anoncam.service import snapshots
from anoncam.service.snapshots import Snapshots
from tests.support.frames import moving, small_format


def test_no_picture_is_made_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(snapshots, "encode_jpeg", made.append)
    Snapshots().offer(moving(small_format(), 0))
    assert made == []


def test_a_raw_frame_is_no_snapshot() -> None:
    pictures = Snapshots()
    taken: list[snapshots.Snapshot | None] = []
    thread = threading.Thread(target=lambda: taken.append(pictures.take(30)))
    thread.start()
    raw = moving(small_format(), 0)._frame
    while not taken and thread.is_alive():
        pictures.offer(raw)  # type: ignore[arg-type]
    thread.join()
    assert taken[0] is not None
    assert (taken[0].jpeg, "could not be made" in taken[0].problem) == (b"", True)
