"""Recordings that someone has altered, and what `verify` reports."""

import hashlib
import shutil
from pathlib import Path

import av
import pytest

from anoncam.errors import StoppedError
from anoncam.evidence.chain import Chain
from anoncam.evidence.verification import State, verify
from anoncam.segments.segment_name import SegmentName
from tests.support.evidence_folder import Recordings, record, records, retain
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration

KEPT, MISSING, ALTERED = State.KEPT, State.MISSING, State.ALTERED


def test_untouched_recordings_are_kept_and_their_chain_holds(recordings: Recordings) -> None:
    result = recordings.verify()
    assert [verdict.state for verdict in result.verdicts] == [KEPT] * 5
    assert result.problems == []
    assert result.chain.remarks == []
    assert result.chain.head == records(recordings.folder)[-1]["hash"]


@pytest.mark.parametrize("position", [0, 40, 1000, -1])
def test_one_altered_byte_is_reported(recordings: Recordings, position: int) -> None:
    content = bytearray(recordings.segments[2].read_bytes())
    content[position] ^= 1
    recordings.segments[2].write_bytes(content)
    assert recordings.states() == [KEPT, KEPT, ALTERED, KEPT, KEPT]
    assert recordings.states(play=False) == [KEPT, KEPT, ALTERED, KEPT, KEPT]


def test_a_truncated_segment_is_reported_with_both_sizes(recordings: Recordings) -> None:
    whole = recordings.segments[1].read_bytes()
    recordings.segments[1].write_bytes(whole[: len(whole) // 2])
    verdict = recordings.verify().verdicts[1]
    assert verdict.state is ALTERED
    assert f"{len(whole) // 2} bytes instead of {len(whole)}" in verdict.what


def test_a_removed_segment_is_missing_unless_retention_deleted_it(
    recordings: Recordings,
) -> None:
    retain(recordings.folder, sum(path.stat().st_size for path in recordings.segments) - 100)
    deleted = 5 - len(recordings.segments)
    assert deleted > 0
    recordings.segments[0].unlink()
    result = recordings.verify()
    states = [verdict.state for verdict in result.verdicts]
    assert states == [State.DELETED] * deleted + [MISSING] + [KEPT] * (4 - deleted)
    assert "max_size" in result.verdicts[0].what
    assert result.problems == []


def test_segments_that_changed_places_are_altered(recordings: Recordings) -> None:
    first, second, *_ = recordings.segments
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert recordings.states()[:3] == [ALTERED, ALTERED, KEPT]


def test_a_segment_without_a_record_is_without_evidence(recordings: Recordings) -> None:
    name = str(SegmentName(9, FakeClock().utc()))
    shutil.copy(recordings.segments[0], recordings.folder / name)
    verdict = recordings.verify().verdicts[-1]
    assert (verdict.name, verdict.state) == (name, State.WITHOUT_EVIDENCE)


def test_recordings_older_than_the_chain_are_reported_as_such(
    tmp_path: Path, original: Path
) -> None:
    old = sorted(original.glob("*.mp4"))[0]
    shutil.copy(old, tmp_path / old.name)
    record(tmp_path, 1)
    first, second = verify(tmp_path, play=False).verdicts
    assert (first.state, first.what) == (State.WITHOUT_EVIDENCE, "it is older than the chain")
    assert second.state is KEPT


def test_a_segment_whose_hash_fits_but_does_not_play_is_unplayable(tmp_path: Path) -> None:
    (segment,) = record(tmp_path, 1)
    parts = (("no video " * 100).encode(), segment.read_bytes()[:-30])
    for content in parts:
        folder = tmp_path / str(len(content))
        folder.mkdir()
        (folder / segment.name).write_bytes(content)
        contents = {
            "kind": "finished",
            **reading_of(folder / segment.name),
            "frames": 10,
            "newest_segment": 1,
        }
        Chain(folder).append([contents])
        assert [each.state for each in verify(folder, play=True).verdicts] == [State.UNPLAYABLE]
        assert [each.state for each in verify(folder, play=False).verdicts] == [KEPT]


def reading_of(path: Path) -> dict[str, object]:
    content = path.read_bytes()
    return {
        "segment": path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_every_segment_is_played_to_its_end(
    recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[None] = []
    verify(recordings.folder, play=True, check=lambda: checks.append(None))
    frames = 0
    for path in recordings.segments:
        with av.open(str(path)) as container:
            frames += sum(1 for _ in container.decode(video=0))
    assert len(checks) == frames // 5 + 5


def test_a_stop_ends_the_verification(recordings: Recordings) -> None:
    def stop() -> None:
        raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        verify(recordings.folder, play=True, check=stop)


def test_a_segment_that_cannot_be_read_is_reported_and_the_others_are_verified(
    recordings: Recordings,
) -> None:
    path = recordings.segments[1]
    path.unlink()
    path.mkdir()
    states = recordings.states(play=False)
    assert states.count(KEPT) == 4
    assert states[1] is State.UNPLAYABLE


def test_segments_recorded_during_the_verification_are_not_reported(
    recordings: Recordings,
) -> None:
    def meanwhile(segments: list[SegmentName]) -> list[SegmentName]:
        record(recordings.folder, 2)
        retain(recordings.folder, sum(path.stat().st_size for path in recordings.segments[2:]))
        return segments

    result = verify(recordings.folder, play=False, watch=meanwhile)
    assert {verdict.state for verdict in result.verdicts} <= {KEPT, State.DELETED}
    assert len(result.verdicts) == 7
    assert result.problems == []


def test_a_segment_whose_recorded_deletion_was_not_done_is_kept(recordings: Recordings) -> None:
    first = recordings.segments[0]
    Chain(recordings.folder).append(
        [{"kind": "deleted", "segment": first.name, "bytes": 1, "reason": "a test"}]
    )
    verdict = recordings.verify(play=False).verdicts[0]
    assert (verdict.state, verdict.what) == (KEPT, "its deletion was recorded but not done")
