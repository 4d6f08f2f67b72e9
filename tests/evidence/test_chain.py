import errno
import os
import threading
from pathlib import Path

import pytest

from anoncam.evidence import chain as chain_module
from anoncam.evidence.chain import NAMES, Chain, last_record, lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.evidence.records import ORIGIN, Kind, line, link, parse
from tests.support.evidence_folder import record, records

OLDER, NEWER = NAMES


def deletion(number: int) -> dict[str, object]:
    return {
        "kind": Kind.DELETED,
        "segment": f"{number:09}_20260714T091500Z.mp4",
        "bytes": 1,
        "reason": "a test",
    }


def filled(folder: Path, count: int, **options: int) -> Chain:
    chain = Chain(folder, **options)
    for number in range(1, count + 1):
        chain.append([deletion(number)])
    return chain


def test_each_record_holds_the_hash_of_the_one_before(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    first, second, third = records(tmp_path)
    assert first["previous"] == ORIGIN
    assert (second["previous"], third["previous"]) == (first["hash"], second["hash"])
    assert [record["record"] for record in (first, second, third)] == [1, 2, 3]
    facts = read_chain(lines(tmp_path))
    assert (facts.problems, facts.remarks, facts.head) == ([], [], third["hash"])


def test_what_a_record_says_is_what_its_hash_is_of() -> None:
    record = link(deletion(1), 1, ORIGIN) | {}
    whole = link({**deletion(1), "newest_segment": 0}, 1, ORIGIN)
    assert parse(line(whole)) == whole
    assert parse(line(whole).replace(b"a test", b"a_test")) is None
    assert parse(line(record)) is None, "a record without what all of them have"


@pytest.mark.parametrize("torn", [b'{"bytes":1,"kind":"del', b"\0" * 4096, b"\xff\xfe"])
def test_a_record_that_a_power_cut_has_torn_is_told_and_costs_no_other(
    tmp_path: Path, torn: bytes
) -> None:
    chain = filled(tmp_path, 2)
    with (tmp_path / NEWER).open("ab") as file:
        file.write(torn)
    at_the_end = read_chain(lines(tmp_path))
    chain.append([deletion(3)])
    in_between = read_chain(lines(tmp_path))
    for facts, count in ((at_the_end, 2), (in_between, 3)):
        assert facts.problems == []
        assert facts.records == count
        assert facts.remarks == ["line 3 of the chain is torn, as a power cut leaves it"]


def test_every_byte_at_which_the_last_record_can_be_torn_is_survived(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    whole = (tmp_path / NEWER).read_bytes()
    end_of_second = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for length in range(end_of_second + 1, len(whole), 7):
        (tmp_path / NEWER).write_bytes(whole[:length])
        Chain(tmp_path).append([deletion(4)])
        facts = read_chain(lines(tmp_path))
        assert facts.problems == [], length
        assert facts.records in {3, 4}


def test_any_altered_byte_of_the_chain_is_noticed(tmp_path: Path) -> None:
    filled(tmp_path, 4)
    whole = (tmp_path / NEWER).read_bytes()
    before_last = len(b"".join(whole.splitlines(keepends=True)[:3]))
    for position in range(0, before_last - 1, 11):
        altered = bytearray(whole)
        altered[position] ^= 0x01
        assert read_chain(bytes(altered).split(b"\n")[:-1]).problems, position


def test_a_record_that_is_removed_moved_doubled_or_forged_is_noticed(tmp_path: Path) -> None:
    filled(tmp_path, 5)
    one, two, three, four, five = (tmp_path / NEWER).read_bytes().splitlines()
    previous = parse(two)
    assert previous is not None
    forged = line(link({**deletion(9), "newest_segment": 0}, 3, previous["hash"])).rstrip(b"\n")
    for texts, told in (
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
        assert told in read_chain(texts).problems


def test_a_forged_record_that_makes_no_sense_is_told_and_no_traceback(tmp_path: Path) -> None:
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


def test_the_chain_stays_small_and_says_what_it_gave_up(tmp_path: Path) -> None:
    filled(tmp_path, 60, largest=4000)
    sizes = [(tmp_path / name).stat().st_size for name in NAMES]
    assert max(sizes) < 4000 + 1200
    facts = read_chain(lines(tmp_path))
    assert facts.problems == []
    assert facts.first > 10
    assert facts.dropped == facts.first - 1
    assert facts.remarks == [
        f"records up to {facts.dropped} were dropped to limit the size of the chain"
    ]


def test_who_cuts_the_beginning_off_cannot_pass_it_off_as_given_up(tmp_path: Path) -> None:
    filled(tmp_path, 60, largest=4000)
    _, *rest = (tmp_path / OLDER).read_bytes().splitlines(keepends=True)
    (tmp_path / OLDER).write_bytes(b"".join(rest))
    (problem,) = read_chain(lines(tmp_path)).problems
    assert problem.endswith("those before it are missing")


def test_a_first_record_that_follows_on_others_than_those_given_up_is_told(tmp_path: Path) -> None:
    filled(tmp_path, 60, largest=4000)
    texts = list(lines(tmp_path))
    first = parse(texts[0])
    assert first is not None
    content = {
        key: value for key, value in first.items() if key not in ("record", "previous", "hash")
    }
    forged = line(link(content, first["record"], "ab" * 32)).rstrip(b"\n")
    problems = read_chain([forged, *texts[1:]]).problems
    assert any(problem.endswith("those before it are missing") for problem in problems)


def test_a_power_cut_before_the_files_are_exchanged_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = filled(tmp_path, 25, largest=4000)
    replace = Path.replace

    def cut(*_: object) -> None:
        raise OSError(errno.EIO, "the power is cut")

    while True:
        monkeypatch.setattr(Path, "replace", cut)
        try:
            chain.append([deletion(1)])
        except OSError:
            break
    monkeypatch.setattr(Path, "replace", replace)
    assert read_chain(lines(tmp_path)).problems == []
    chain.append([deletion(2)])
    assert read_chain(lines(tmp_path)).problems == []


def test_a_disk_that_fails_half_way_leaves_no_half_of_a_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = filled(tmp_path, 2)
    before = (tmp_path / NEWER).read_bytes()
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 300:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[: len(data) - 200])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space"):
        chain.append([deletion(3), deletion(4)])
    monkeypatch.undo()
    assert (tmp_path / NEWER).read_bytes() == before
    chain.append([deletion(3), deletion(4)])
    assert read_chain(lines(tmp_path)).records == 4


def test_two_recorders_at_once_make_one_chain(tmp_path: Path) -> None:
    chains = [Chain(tmp_path, largest=6000) for _ in range(3)]
    threads = [
        threading.Thread(
            target=lambda chain=chain: [chain.append([deletion(1)]) for _ in range(15)]
        )
        for chain in chains
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    facts = read_chain(lines(tmp_path))
    assert facts.problems == []
    assert max(facts.hashes) >= 45


def test_the_last_record_is_found_without_reading_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Chain(tmp_path).append([deletion(number) for number in range(1, 10_001)])
    parsed: list[bytes] = []

    def counting(text: bytes) -> object:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(chain_module, "parse", counting)
    last = last_record(tmp_path / NEWER)
    assert last is not None
    assert last["record"] == 10_000
    assert len(parsed) == 1
    Chain(tmp_path).append([deletion(1)])
    assert len(parsed) == 2
    assert read_chain(lines(tmp_path)).records == 10_001


def test_the_last_record_is_found_behind_much_that_is_torn(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    with (tmp_path / NEWER).open("ab") as file:
        file.write(b"\0" * 200_000)
    last = last_record(tmp_path / NEWER)
    assert last is not None
    assert last["record"] == 2


def test_half_a_sidecar_that_a_crash_has_left_goes_and_what_is_not_ours_stays(
    tmp_path: Path,
) -> None:
    (first, *_) = record(tmp_path, 2)
    half, other = tmp_path / f"{first.stem}.json.part", tmp_path / "notes.json.part"
    half.touch()
    other.touch()
    record(tmp_path, 1)
    assert not half.exists()
    assert other.exists()
