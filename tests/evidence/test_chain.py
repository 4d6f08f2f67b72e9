import errno
import os
import threading
from pathlib import Path

import pytest

from anoncam.evidence import chain as chain_module
from anoncam.evidence.chain import NAMES, Chain, last_record, lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.evidence.records import ORIGIN, line, link, parse
from tests.support.evidence_folder import chain_of_deletions, deletion, records

OLDER, NEWER = NAMES


def test_each_record_holds_the_hash_of_the_one_before(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 3)
    first, second, third = records(tmp_path)
    assert first["previous"] == ORIGIN
    assert (second["previous"], third["previous"]) == (first["hash"], second["hash"])
    assert [record["record"] for record in (first, second, third)] == [1, 2, 3]
    facts = read_chain(lines(tmp_path))
    assert (facts.problems, facts.remarks, facts.head) == ([], [], third["hash"])


def test_a_record_is_refused_if_its_hash_is_not_that_of_its_content() -> None:
    record = link(deletion(1), 1, ORIGIN) | {}
    whole = link({**deletion(1), "newest_segment": 0}, 1, ORIGIN)
    assert parse(line(whole)) == whole
    assert parse(line(whole).replace(b"a test", b"a_test")) is None
    assert parse(line(record)) is None, "a record without what all of them have"


def test_the_chain_stays_small_and_records_what_it_dropped(tmp_path: Path) -> None:
    chain_of_deletions(tmp_path, 60, largest=4000)
    sizes = [(tmp_path / name).stat().st_size for name in NAMES]
    assert max(sizes) < 4000 + 1200
    facts = read_chain(lines(tmp_path))
    assert facts.problems == []
    assert facts.first > 10
    assert facts.dropped == facts.first - 1
    assert facts.remarks == [
        f"records up to {facts.dropped} were dropped to limit the size of the chain"
    ]


def test_a_power_cut_before_the_files_are_exchanged_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = chain_of_deletions(tmp_path, 25, largest=4000)
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


def test_if_the_disk_fails_half_way_no_record_of_the_batch_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = chain_of_deletions(tmp_path, 2)
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
    chain_of_deletions(tmp_path, 2)
    with (tmp_path / NEWER).open("ab") as file:
        file.write(b"\0" * 200_000)
    last = last_record(tmp_path / NEWER)
    assert last is not None
    assert last["record"] == 2
