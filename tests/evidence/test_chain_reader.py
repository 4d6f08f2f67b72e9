"""Chains that a power cut or a person has damaged."""

from pathlib import Path

import pytest

from anoncam.evidence.chain import NAMES, Chain, lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.evidence.records import line, link, parse
from tests.support.evidence_folder import chain_of_deletions, deletion

OLDER, NEWER = NAMES


@pytest.mark.parametrize("torn", [b'{"bytes":1,"kind":"del', b"\0" * 4096, b"\xff\xfe"])
def test_a_record_torn_by_a_power_cut_is_reported_and_no_other_is_lost(
    tmp_path: Path, torn: bytes
) -> None:
    chain = chain_of_deletions(tmp_path, 2)
    with (tmp_path / NEWER).open("ab") as file:
        file.write(torn)
    at_the_end = read_chain(lines(tmp_path))
    chain.append([deletion(3)])
    in_between = read_chain(lines(tmp_path))
    for facts, count in ((at_the_end, 2), (in_between, 3)):
        assert facts.problems == []
        assert facts.records == count
        assert facts.remarks == ["line 3 of the chain is torn, as a power cut leaves it"]


def test_the_chain_goes_on_after_a_record_torn_at_any_byte(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 3)
    whole = (tmp_path / NEWER).read_bytes()
    end_of_second = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for length in range(end_of_second + 1, len(whole), 7):
        (tmp_path / NEWER).write_bytes(whole[:length])
        Chain(tmp_path).append([deletion(4)])
        facts = read_chain(lines(tmp_path))
        assert facts.problems == [], length
        assert facts.records in {3, 4}


def test_any_altered_byte_of_the_chain_is_noticed(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 4)
    whole = (tmp_path / NEWER).read_bytes()
    before_last = len(b"".join(whole.splitlines(keepends=True)[:3]))
    for position in range(0, before_last - 1, 11):
        altered = bytearray(whole)
        altered[position] ^= 0x01
        assert read_chain(bytes(altered).split(b"\n")[:-1]).problems, position


def test_a_removed_moved_doubled_or_forged_record_is_noticed(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 5)
    one, two, three, four, five = (tmp_path / NEWER).read_bytes().splitlines()
    previous = parse(two)
    assert previous is not None
    forged = line(link({**deletion(9), "newest_segment": 0}, 3, previous["hash"])).rstrip(b"\n")
    for texts, problem in (
        ([one, two, four, five], "after record 2, records are missing: 3"),
        ([one, five], "after record 1, records are missing: 2 to 4"),
        ([two, three, four, five], "the chain begins with record 2: those before it are missing"),
        ([one, three, two, four, five], "record 2 comes after record 3: out of order or twice"),
        ([one, two, two, three], "record 2 comes after record 2: out of order or twice"),
        ([one, two, forged, four, five], "record 4 does not follow record 3: one was replaced"),
        (
            [one, two, three.replace(b"a test", b"a_test"), four, five],
            "line 3 of the chain was altered",
        ),
        ([one, two, b"{", four, five], "line 3 of the chain was altered"),
        (
            [one, two, three.replace(b'"bytes":1', b'"bytes": 1'), four, five],
            "line 3 of the chain was altered",
        ),
    ):
        assert problem in read_chain(texts).problems


def test_a_forged_record_without_sense_is_reported(tmp_path: Path) -> None:
    contents: list[dict[str, object]] = [
        {"kind": "finished", "segment": "../../etc/passwd", "bytes": 1, "sha256": "0"},
        {"kind": "finished", "segment": "000000001_20260714T091500Z.mp4"},
        {"kind": "deleted"},
    ]
    Chain(tmp_path).append(contents)
    facts = read_chain(lines(tmp_path))
    assert [problem.partition(" is ")[2] for problem in facts.problems[::2]] == [
        "not one that anoncam writes"
    ] * 2
    assert not facts.segments
    assert not facts.deletions


def test_a_beginning_that_someone_cut_off_is_not_taken_for_dropped_records(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 60, largest=4000)
    _, *rest = (tmp_path / OLDER).read_bytes().splitlines(keepends=True)
    (tmp_path / OLDER).write_bytes(b"".join(rest))
    (problem,) = read_chain(lines(tmp_path)).problems
    assert problem.endswith("those before it are missing")


def test_a_first_record_that_does_not_follow_the_dropped_ones_is_reported(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 60, largest=4000)
    texts = list(lines(tmp_path))
    first = parse(texts[0])
    assert first is not None
    content = {
        key: value for key, value in first.items() if key not in ("record", "previous", "hash")
    }
    forged = line(link(content, first["record"], "ab" * 32)).rstrip(b"\n")
    problems = read_chain([forged, *texts[1:]]).problems
    assert any(problem.endswith("those before it are missing") for problem in problems)
