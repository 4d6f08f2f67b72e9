import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.evidence.anchors import Anchor, compare, read_anchors
from anoncam.evidence.chain import Chain, lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.records import Record, proof
from anoncam.evidence.sidecars import render
from tests.support.evidence_folder import chain_of_deletions, deletion, records


@pytest.fixture
def newest(tmp_path: Path) -> Record:
    key = KeyFile(tmp_path / "state")
    return Chain(tmp_path).append([deletion(1)], signers=key.signers())[-1]


def anchors(folder: Path, *values: object) -> list[Anchor]:
    file = folder / "anchors"
    file.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return read_anchors(file)


def test_the_journal_the_event_log_a_sidecar_and_the_chain_hold_the_same_anchor(
    tmp_path: Path, newest: Record
) -> None:
    facts = {"chain": newest["hash"]} | proof(newest)
    journal = {f"ANONCAM_{name.upper()}": str(value) for name, value in facts.items()}
    (of_journal,) = anchors(tmp_path, journal | {"__REALTIME_TIMESTAMP": "1784020500000000"})
    (of_events,) = anchors(tmp_path, {"at": "2026-07-14T09:15:00Z", "fields": facts})
    (of_chain,) = anchors(tmp_path, newest)
    sidecar = tmp_path / "sidecar.json"
    sidecar.write_bytes(render(newest))
    (of_sidecar,) = read_anchors(sidecar)
    for anchor in (of_journal, of_events, of_chain, of_sidecar):
        assert (anchor.hash, anchor.number) == (newest["hash"], newest["record"])
        assert (anchor.is_signed, anchor.problem) == (True, "")
    assert of_journal.at == of_events.at == "2026-07-14T09:15:00Z"


def test_what_is_no_anchor_is_passed_over(tmp_path: Path) -> None:
    others: list[object] = [1, None, [], {}, {"fields": None}, {"hash": 5}, {"chain": "x"}]
    assert anchors(tmp_path, *others) == []
    file = tmp_path / "rubbish"
    file.write_bytes(b"\xff\0rubbish\n[[[" + b"[" * 100_000)
    assert read_anchors(file) == []


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("ab" * 32),
    st.just("9" * 5000), st.just({}), st.just([]),
)  # fmt: skip
NAMES = (
    "hash", "record", "key", "signature", "written", "at", "token", "__REALTIME_TIMESTAMP",
    "ANONCAM_CHAIN", "ANONCAM_RECORD", "ANONCAM_KEY", "ANONCAM_SIGNATURE",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.dictionaries(st.text(), VALUES))
def test_whatever_stands_in_a_file_of_anchors_is_read_or_passed_over(
    outer: dict[str, object], inner: dict[str, object]
) -> None:
    outer.pop("token", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = anchors(folder, outer, {**outer, "fields": inner}, {"fields": outer})
        compare(read_chain([]), found)


def test_an_event_without_a_number_is_an_anchor_too(tmp_path: Path, newest: Record) -> None:
    held, gone = {"fields": {"chain": newest["hash"]}}, {"fields": {"chain": "ab" * 32}}
    chain = read_chain(lines(tmp_path))
    assert compare(chain, anchors(tmp_path, held)).problems == ()
    (problem,) = compare(chain, anchors(tmp_path, held, gone)).problems
    assert problem == "record was sent out with the hash: the chain lacks it, after record 2"


def test_an_anchor_with_a_wrong_signature_is_reported_and_not_relied_on(
    tmp_path: Path, newest: Record
) -> None:
    forged = newest | {"hash": "ab" * 32}
    chain = read_chain(lines(tmp_path))
    comparison = compare(chain, anchors(tmp_path, newest, forged))
    assert comparison.problems == ()
    assert "has a wrong signature" in comparison.remarks[0]
    (problem,) = compare(chain, anchors(tmp_path, forged)).problems
    assert problem.startswith("no anchor is in the chain")


def test_an_anchor_that_the_chain_has_dropped_is_no_problem_beside_one_that_it_holds(
    tmp_path: Path,
) -> None:
    chain_of_deletions(tmp_path, 5)
    early = records(tmp_path)
    (tmp_path / "evidence.jsonl").unlink()
    chain_of_deletions(tmp_path, 60, largest=4000)
    chain = read_chain(lines(tmp_path))
    late = records(tmp_path)[-1]
    assert compare(chain, anchors(tmp_path, *early, late)).problems == ()
    (problem,) = compare(chain, anchors(tmp_path, *early)).problems
    assert f"give one of a record after {chain.dropped}" in problem
