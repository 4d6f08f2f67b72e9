"""Attacks on signed recordings, as somebody would make them who can write the folder."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import av
import pytest

from anoncam.evidence import sidecars
from anoncam.evidence.anchors import Anchor, read_anchors
from anoncam.evidence.chain import Chain
from anoncam.evidence.key_file import KeyFile, Signers
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.records import ORIGIN, Kind, Record, line, link
from anoncam.evidence.signing_key import SigningKey
from anoncam.evidence.verification import SALVAGED, State
from anoncam.segments.segment_name import parse
from tests.support.evidence_folder import Recordings, record, records, sidecar
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration


@dataclass
class Camera:
    """Recordings to attack, and what their owner has kept elsewhere."""

    recordings: Recordings
    key: KeyFile
    fingerprint: str
    anchors: list[Anchor]

    @property
    def folder(self) -> Path:
        return self.recordings.folder

    def problems(self) -> list[str]:
        result = self.recordings.verify(play=False, key=self.fingerprint, anchors=self.anchors)
        return result.problems

    def states(self) -> set[State]:
        result = self.recordings.verify(play=False, key=self.fingerprint, anchors=self.anchors)
        return {verdict.state for verdict in result.verdicts}

    def restart(self) -> None:
        """Let the daemon start once more and record, after the attack."""
        record(self.folder, 1, self.key)


@pytest.fixture
def camera(signed: Recordings, tmp_path: Path) -> Camera:
    key = KeyFile(tmp_path / "state")
    kept = tmp_path / "kept-elsewhere.jsonl"
    shutil.copy(signed.folder / "evidence.jsonl", kept)
    return Camera(signed, key, key.signers().key.fingerprint, read_anchors(kept))


def test_without_an_attack_there_is_nothing_to_report(camera: Camera) -> None:
    assert camera.problems() == []
    assert camera.states() == {State.KEPT}
    camera.restart()
    assert camera.problems() == []


def rewritten(
    camera: Camera, change: Callable[[Record], Record], key: SigningKey | None, *, sidecar: bool
) -> None:
    """Write the whole chain anew, signed by `key`."""
    previous, texts = ORIGIN, []
    for old in records(camera.folder):
        content = {
            name: value
            for name, value in old.items()
            if name not in ("hash", "previous", "record", "key", "signature")
        }
        if content["kind"] == Kind.KEY and key is not None:
            content["new_key"] = key.fingerprint
        new = link(change(content), old["record"], previous, key)
        previous = new["hash"]
        texts.append(line(new).rstrip(b"\n"))
        if sidecar and "segment" in new:
            sidecars.write(camera.folder, new)
    camera.recordings.chain = texts


def hide_veils(content: Record) -> Record:
    return content | {"frames_veiled": 9} if "segment" in content else content


def test_a_chain_forged_without_the_key_is_told_by_the_key(camera: Camera) -> None:
    rewritten(camera, hide_veils, None, sidecar=True)
    assert any("nothing in it is signed" in each for each in camera.problems())
    assert camera.states() == {State.WITHOUT_EVIDENCE}


def test_a_chain_forged_with_another_key_is_told_by_the_key(camera: Camera) -> None:
    thief = SigningKey.make()
    rewritten(camera, hide_veils, thief, sidecar=True)
    assert camera.recordings.verify(play=False).problems == [], "by itself it holds"
    assert any(f"its key is {thief.fingerprint}" in each for each in camera.problems())


def test_a_record_that_is_changed_and_linked_anew_has_a_wrong_signature(camera: Camera) -> None:
    whole = records(camera.folder)
    forged = whole[3] | {"faces_covered": 99}
    signature = forged.pop("signature")
    forged.pop("hash")
    number, previous = forged.pop("record"), forged.pop("previous")
    texts = [line(each).rstrip(b"\n") for each in whole]
    texts[3] = line(link(forged, number, previous) | {"signature": signature}).rstrip(b"\n")
    camera.recordings.chain = texts
    assert any("signature of record 4 is wrong" in each for each in camera.problems())


def test_records_in_another_order_or_removed_are_told_also_after_a_restart(camera: Camera) -> None:
    whole = camera.recordings.chain
    camera.recordings.chain = [*whole[:2], whole[3], whole[2], *whole[4:]]
    assert any("out of order" in each or "missing" in each for each in camera.problems())
    camera.recordings.chain = [*whole[:3], *whole[4:]]
    camera.restart()
    assert any("records are missing: 4" in each for each in camera.problems())


def remove_last(camera: Camera, count: int) -> None:
    """Remove the last segments with all that tells of them."""
    camera.recordings.chain = camera.recordings.chain[:-count]
    for path in camera.recordings.segments[-count:]:
        path.with_suffix(".json").unlink()
        path.unlink()


def test_a_chain_cut_short_is_told_by_an_anchor_and_since_when(camera: Camera) -> None:
    remove_last(camera, 1)
    assert camera.recordings.verify(play=False, key=camera.fingerprint).problems == []
    (problem,) = camera.problems()
    assert problem.startswith("record 7 was sent out with the hash of ")
    assert "which this camera's key has signed" in problem
    assert "the chain ends with record 6, so it was cut short or set back" in problem
    assert "after record 6 of 2026-" in problem


def test_a_state_of_yesterday_in_which_recording_goes_on_is_told_by_an_anchor(
    camera: Camera,
) -> None:
    remove_last(camera, 2)
    camera.restart()
    assert camera.recordings.verify(play=False, key=camera.fingerprint).problems == []
    first, second = camera.problems()
    assert first.startswith("record 6 was sent out")
    assert "the chain has another one in its place, so it was replaced, after record 5" in first
    assert "the chain ends with record 6" in second


def test_a_chain_that_the_thief_of_the_key_has_forged_is_told_by_an_anchor(camera: Camera) -> None:
    rewritten(camera, hide_veils, camera.key.signers().key, sidecar=True)
    assert camera.recordings.verify(play=False, key=camera.fingerprint).problems == []
    assert len(camera.problems()) == 5
    assert "was replaced, after record 2" in camera.problems()[0]


def test_a_forged_chain_that_claims_to_have_dropped_every_anchor_is_told_by_them(
    camera: Camera,
) -> None:
    *_, last = old = records(camera.folder)
    key, previous = camera.key.signers().key, "ab" * 32
    claim = {"kind": Kind.DROPPED, "through": last["record"], "through_hash": previous}
    contents: list[Record] = [claim | {"newest_segment": 0}]
    outside = ("hash", "previous", "record", "key", "signature")
    for each in old:
        if "segment" in each:
            content = {name: value for name, value in each.items() if name not in outside}
            contents.append(hide_veils(content))
    texts = []
    for number, content in enumerate(contents, last["record"] + 1):
        new = link(content, number, previous, key)
        previous = new["hash"]
        texts.append(line(new).rstrip(b"\n"))
        if "segment" in new:
            sidecars.write(camera.folder, new)
    camera.recordings.chain = texts
    assert camera.recordings.verify(play=False, key=camera.fingerprint).problems == []
    (problem,) = camera.problems()
    assert problem.startswith("no anchor is in the chain")


def test_segments_of_another_camera_are_told_in_one_file_and_in_all(
    camera: Camera, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    record(other / "recordings", 7, KeyFile(other / "state"))
    first, *_, last = sorted((other / "recordings").glob("*.mp4"))
    for path in (first, last):
        shutil.copy(path, camera.folder)
        shutil.copy(path.with_suffix(".json"), camera.folder)
    problems = camera.problems()
    assert any("differs from record" in each for each in problems)
    assert any("the chain lacks record" in each for each in problems)
    assert any(f"its key is {read_key(other)}" in each for each in replaced(camera, other))


def read_key(camera: Path) -> str:
    return KeyFile(camera / "state").signers().key.fingerprint


def replaced(camera: Camera, other: Path) -> list[str]:
    shutil.rmtree(camera.folder)
    shutil.copytree(other / "recordings", camera.folder)
    return camera.problems()


def test_a_segment_encoded_anew_is_altered(camera: Camera) -> None:
    path = camera.recordings.segments[2]
    fresh = path.with_name("fresh.mp4")
    with av.open(str(path)) as source, av.open(str(fresh), "w") as target:
        stream = source.streams.video[0]
        output = target.add_stream("libx264", rate=10)
        output.width, output.height = stream.width, stream.height
        output.pix_fmt = "yuv420p"
        for frame in source.decode(stream):
            target.mux(output.encode(frame))
        target.mux(output.encode())
    fresh.replace(path)
    assert camera.states() == {State.KEPT, State.ALTERED}


def test_a_segment_of_which_only_the_metadata_were_changed_is_altered(camera: Camera) -> None:
    path = camera.recordings.segments[2]
    content = path.read_bytes()
    assert b"mvhd" in content
    at = content.index(b"mvhd") + 8
    path.write_bytes(content[:at] + b"\x01\x02\x03\x04" + content[at + 4 :])
    assert camera.states() == {State.KEPT, State.ALTERED}


def test_a_replaced_segment_is_altered_even_if_its_sidecar_fits(camera: Camera) -> None:
    first, second, *_ = camera.recordings.segments
    shutil.copy(second, first)
    name = parse(first.name)
    assert name is not None
    changed = records(camera.folder)[3] | {"segment": first.name}
    for key in ("hash", "signature"):
        del changed[key]
    number, previous = changed.pop("record"), changed.pop("previous")
    sidecars.write(camera.folder, link(changed, number, previous))
    assert State.ALTERED in camera.states()
    assert camera.problems()


def added(camera: Camera, number: int, key: SigningKey | None, **more: object) -> Path:
    """Add a video of the thief with a sidecar that holds record `number`; the chain stays."""
    video = camera.folder / "000000000_20260713T091500Z.mp4"
    first = camera.recordings.segments[0]
    contents = sidecar(first) | more | {"segment": video.name}
    shutil.copy(first, video)
    for name in ("hash", "signature", "key", "record", "previous"):
        del contents[name]
    sidecars.write(camera.folder, link(contents, number, ORIGIN, key))
    return video


def test_a_sidecar_of_a_record_before_the_first_one_is_told(camera: Camera) -> None:
    video = added(camera, 0, None)
    found = camera.recordings.verify(play=False).problems
    assert found == [f"the chain lacks record 0, which the sidecar of {video.name} holds"]


def test_a_sidecar_that_no_text_can_hold_is_told_and_ends_nothing(camera: Camera) -> None:
    video = added(camera, 3, None, software="\ud800")
    found = camera.recordings.verify(play=False).problems
    assert found == [f"the sidecar of {video.name} differs from record 3 of the chain"]
    path = video.with_suffix(".json")
    path.write_bytes(path.read_bytes().replace(b"\xed\xa0\x80", b"\\ud800"))
    found = camera.recordings.verify(play=False).problems
    assert found == [f"sidecar {path.name} was altered"]


def test_a_thief_of_a_revoked_key_cannot_vouch_for_a_record_that_was_dropped(
    camera: Camera,
) -> None:
    stolen = camera.key.signers().key
    chain = Chain(camera.folder, largest=8000)
    content = {"kind": Kind.CONTROL, "what": "paused", "user": 0}
    for _ in range(30):
        chain.append([content], signers=camera.key.signers())
    trusted = camera.key.rotate("stolen")
    chain.append([content], signers=camera.key.signers())
    video = added(camera, 3, stolen)
    result = camera.recordings.verify(play=False, key=trusted)
    assert result.problems == []
    assert result.chain.dropped > 3
    states = {verdict.name: verdict.state for verdict in result.verdicts}
    assert states[video.name] is State.WITHOUT_EVIDENCE


def test_a_swapped_key_is_told(camera: Camera) -> None:
    chain = Chain(camera.folder)
    content = {"kind": Kind.DELETED, "segment": "000000001_20260714T091500Z.mp4"}
    deletion = content | {"bytes": 1, "reason": "a test"}
    chain.append([deletion], signers=Signers(SigningKey.make()))
    problems = camera.problems()
    assert "record 8 brings a key that the key before it has not introduced" in problems


def test_a_clock_that_was_set_back_is_told(camera: Camera) -> None:
    yesterday = FakeClock(FakeClock().utc() - timedelta(days=1))
    name = parse(camera.recordings.segments[0].name)
    assert name is not None
    LedgerWriter(camera.folder, yesterday, key=camera.key).salvaged(name)
    remarks = camera.recordings.verify(play=False).chain.remarks
    assert any("set back by 1 day, 0:00:00 before record 8" in each for each in remarks)


def test_all_recordings_that_are_gone_are_told_by_an_anchor(camera: Camera) -> None:
    shutil.rmtree(camera.folder)
    camera.folder.mkdir()
    camera.restart()
    problems = camera.problems()
    assert len(problems) == 4
    assert all("the chain ends with record 3" in each for each in problems)


@pytest.mark.parametrize("ending", ["", ".part"])
def test_a_segment_that_somebody_slips_in_before_a_start_is_told_apart(
    camera: Camera, ending: str
) -> None:
    last = camera.recordings.segments[-1]
    forged = last.with_name(f"{int(last.name[:9]) + 1:09}{last.name[9:]}")
    forged.with_name(forged.name + ending).write_bytes(last.read_bytes())
    camera.restart()
    result = camera.recordings.verify(play=False, key=camera.fingerprint)
    told = [each.name for each in result.verdicts if each.what == SALVAGED]
    assert told == [forged.name]


def test_what_would_never_end_in_place_of_a_file_is_told_at_once(camera: Camera) -> None:
    first, second, third = camera.recordings.segments[:3]
    for file in (first, second.with_suffix(".json"), third.with_suffix(".json")):
        file.unlink()
    os.mkfifo(first)
    os.mkfifo(second.with_suffix(".json"))
    third.with_suffix(".json").touch()
    os.truncate(third.with_suffix(".json"), 1 << 42)
    result = camera.recordings.verify(play=False)
    assert [each.name for each in result.verdicts if each.state is State.MISSING] == [first.name]
    assert any(third.stem in problem for problem in result.problems)


@pytest.mark.parametrize("rubbish", [b"\n", b"x\n", b"\0"])
def test_a_chain_that_is_filled_up_is_told_and_fills_no_memory(
    camera: Camera, rubbish: bytes
) -> None:
    chain = camera.folder / "evidence.jsonl"
    whole = chain.read_bytes()
    size = 200_000_000_000 if rubbish == b"\0" else 20_000_000
    with chain.open("wb") as file:
        file.write(rubbish * (20_000_000 // len(rubbish)))
        file.truncate(size)
        file.seek(0, os.SEEK_END)
        file.write(whole)
    result = camera.recordings.verify(play=False)
    assert result.problems
    assert len(result.problems) + len(result.chain.remarks) < 20_000
