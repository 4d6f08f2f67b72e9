"""Recordings that someone has been at, and what `verify` says of them."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from anoncam.errors import StoppedError
from anoncam.evidence import chain_reader, sidecars
from anoncam.evidence import records as records_module
from anoncam.evidence.chain import Chain
from anoncam.evidence.records import ORIGIN, Record, line, link
from anoncam.evidence.verification import State, Verification, verify
from anoncam.segments.segment_name import SegmentName, parse
from tests.support.evidence_folder import record, records, retain
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration

KEPT, MISSING, ALTERED = State.KEPT, State.MISSING, State.ALTERED


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five segments of a second each."""
    folder = tmp_path_factory.mktemp("original")
    record(folder, 5)
    return folder


@dataclass
class Recordings:
    """A copy of them to be tampered with."""

    folder: Path

    @property
    def segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.mp4"))

    @property
    def chain(self) -> list[bytes]:
        return (self.folder / "evidence.jsonl").read_bytes().splitlines()

    @chain.setter
    def chain(self, texts: list[bytes]) -> None:
        (self.folder / "evidence.jsonl").write_bytes(b"\n".join(texts) + b"\n")

    def verify(self, *, play: bool = True) -> Verification:
        return verify(self.folder, play=play)

    def states(self, *, play: bool = True) -> list[State]:
        return [verdict.state for verdict in self.verify(play=play).verdicts]


@pytest.fixture
def recordings(original: Path, tmp_path: Path) -> Recordings:
    shutil.copytree(original, tmp_path / "recordings")
    return Recordings(tmp_path / "recordings")


def test_what_nobody_touched_is_kept_and_its_chain_holds(recordings: Recordings) -> None:
    result = recordings.verify()
    assert [verdict.state for verdict in result.verdicts] == [KEPT] * 5
    assert result.problems == []
    assert result.chain.remarks == []
    assert result.chain.head == records(recordings.folder)[-1]["hash"]


@pytest.mark.parametrize("position", [0, 40, 1000, -1])
def test_one_altered_byte_is_told(recordings: Recordings, position: int) -> None:
    content = bytearray(recordings.segments[2].read_bytes())
    content[position] ^= 1
    recordings.segments[2].write_bytes(content)
    assert recordings.states() == [KEPT, KEPT, ALTERED, KEPT, KEPT]
    assert recordings.states(play=False) == [KEPT, KEPT, ALTERED, KEPT, KEPT]


def test_a_truncated_segment_is_told_with_both_sizes(recordings: Recordings) -> None:
    whole = recordings.segments[1].read_bytes()
    recordings.segments[1].write_bytes(whole[: len(whole) // 2])
    verdict = recordings.verify().verdicts[1]
    assert verdict.state is ALTERED
    assert f"{len(whole) // 2} bytes instead of {len(whole)}" in verdict.what


def test_a_removed_segment_is_missing_and_one_that_retention_deleted_is_not(
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


def test_a_removed_record_is_told_also_the_last_one(recordings: Recordings) -> None:
    whole = recordings.chain
    for removed in range(len(whole)):
        recordings.chain = whole[:removed] + whole[removed + 1 :]
        assert recordings.verify(play=False).problems, removed


def test_records_in_another_order_are_told(recordings: Recordings) -> None:
    whole = recordings.chain
    recordings.chain = [*whole[:2], whole[3], whole[2], *whole[4:]]
    assert recordings.verify(play=False).problems


def test_a_chain_cut_short_is_told_by_the_sidecars_that_know_more(recordings: Recordings) -> None:
    recordings.chain = recordings.chain[:3]
    problems = recordings.verify(play=False).problems
    assert len(problems) == 3
    assert all("the chain lacks record" in problem for problem in problems)


def test_a_chain_that_is_gone_is_told(recordings: Recordings) -> None:
    (recordings.folder / "evidence.jsonl").unlink()
    assert len(recordings.verify(play=False).problems) == 5


def forged(
    recordings: Recordings, forge: Callable[[Record], Record], *, and_all_after: bool
) -> None:
    """Replace the record of the third segment by a forged one with a hash that fits."""
    texts: list[bytes] = []
    previous = ORIGIN
    for old in records(recordings.folder):
        number, hit = old["record"], old["record"] == 4
        content = {
            key: value for key, value in old.items() if key not in ("hash", "previous", "record")
        }
        again = hit or (and_all_after and number > 4)
        new = link(forge(content) if hit else content, number, previous) if again else old
        previous = new["hash"]
        texts.append(line(new).rstrip(b"\n"))
    recordings.chain = texts


def test_a_forged_record_does_not_fit_the_next_one(recordings: Recordings) -> None:
    forged(
        recordings,
        lambda content: content | {"frames_veiled": 0, "faces_covered": 99},
        and_all_after=False,
    )
    problems = recordings.verify(play=False).problems
    assert any("does not follow record 4" in problem for problem in problems)


def test_a_chain_forged_to_its_end_has_another_head_and_other_sidecars(
    recordings: Recordings,
) -> None:
    head = recordings.verify(play=False).chain.head
    forged(recordings, lambda content: content | {"faces_covered": 99}, and_all_after=True)
    result = recordings.verify(play=False)
    assert result.chain.problems == []
    assert result.chain.head != head
    assert len(result.problems) == 3
    for path in recordings.folder.glob("*.json"):
        path.unlink()
    # Nothing here tells any more; the head that another computer was sent does.
    assert recordings.verify(play=False).problems == []


def test_an_altered_sidecar_is_told_and_so_is_one_of_another_segment(
    recordings: Recordings,
) -> None:
    first, second, third, *_ = (path.with_suffix(".json") for path in recordings.segments)
    first.write_text(first.read_text().replace('"frames": 10', '"frames": 11'))
    second.write_bytes(third.read_bytes())
    result = recordings.verify(play=False)
    assert result.problems == [
        f"sidecar {first.name} was altered",
        f"sidecar {second.name} was altered",
    ]


def test_a_sidecar_that_reads_otherwise_to_people_is_told(recordings: Recordings) -> None:
    path = recordings.segments[0].with_suffix(".json")
    # Of two keys of one name, programs take the last and people see the first.
    path.write_text(
        path.read_text().replace('"faces_covered": 0', '"faces_covered": 7,\n  "faces_covered": 0')
    )
    assert recordings.verify(play=False).problems == [f"sidecar {path.name} was altered"]


def test_a_segment_that_no_record_tells_of_is_without_evidence(recordings: Recordings) -> None:
    name = str(SegmentName(9, FakeClock().utc()))
    shutil.copy(recordings.segments[0], recordings.folder / name)
    verdict = recordings.verify().verdicts[-1]
    assert (verdict.name, verdict.state) == (name, State.WITHOUT_EVIDENCE)


def test_recordings_older_than_the_chain_are_said_to_be(tmp_path: Path, original: Path) -> None:
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
    assert len(checks) == frames + 5


def test_a_stop_ends_the_verification(recordings: Recordings) -> None:
    def stop() -> None:
        raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        verify(recordings.folder, play=True, check=stop)


def test_a_segment_that_cannot_be_read_is_told_and_the_others_are_verified(
    recordings: Recordings,
) -> None:
    path = recordings.segments[1]
    path.unlink()
    path.mkdir()
    states = recordings.states(play=False)
    assert states.count(KEPT) == 4
    assert states[1] is State.UNPLAYABLE


def test_what_the_daemon_records_meanwhile_is_neither_missing_nor_without_evidence(
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


def test_a_deletion_that_a_crash_kept_from_being_done_is_no_loss(recordings: Recordings) -> None:
    first = recordings.segments[0]
    Chain(recordings.folder).append(
        [{"kind": "deleted", "segment": first.name, "bytes": 1, "reason": "a test"}]
    )
    verdict = recordings.verify(play=False).verdicts[0]
    assert (verdict.state, verdict.what) == (KEPT, "its deletion was recorded but not done")


def test_ten_thousand_records_are_each_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads((tmp_path / record(tmp_path, 1)[0].with_suffix(".json").name).read_text())
    contents: list[dict[str, object]] = []
    for number in range(2, 5002):
        name = str(SegmentName(number, FakeClock().utc()))
        contents.append({**content, "segment": name, "newest_segment": number})
        contents.append({"kind": "deleted", "segment": name, "bytes": 1, "reason": "a test"})
    stripped = [
        {key: each[key] for key in each if key not in ("record", "previous", "hash")}
        for each in contents
    ]
    Chain(tmp_path).append(stripped)
    parsed = 0
    parse_record = records_module.parse

    def counting(text: bytes) -> Record | None:
        nonlocal parsed
        parsed += 1
        return parse_record(text)

    monkeypatch.setattr(chain_reader, "parse", counting)
    result = verify(tmp_path, play=False)
    assert result.problems == []
    assert result.count(State.DELETED) == 5000
    assert parsed == result.chain.records == 10_002


def test_the_name_of_a_sidecar_is_that_of_its_segment() -> None:
    segment = parse("000000042_20260714T091500Z.mp4.part")
    assert segment is not None
    assert sidecars.sidecar_of(segment) == "000000042_20260714T091500Z.json"
