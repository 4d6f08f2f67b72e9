import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.evidence.chain import Chain, lines
from anoncam.evidence.chain_reader import ChainFacts, read_chain
from anoncam.evidence.key_file import NAME, KeyFile, Signers
from anoncam.evidence.records import Kind, key_after, line, link
from anoncam.evidence.signing_key import SigningKey
from tests.support.evidence_folder import deletion, records


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "state")


def append(folder: Path, key: KeyFile | None) -> None:
    signers = key.signers() if key else None
    Chain(folder).append([deletion(1)], signers=signers)
    if key:
        key.introduced()


def read(folder: Path) -> ChainFacts:
    return read_chain(lines(folder))


def test_a_key_signs_every_record_and_the_first_one_introduces_it(
    tmp_path: Path, key: KeyFile
) -> None:
    append(tmp_path, key)
    append(tmp_path, key)
    fingerprint = key.signers().key.fingerprint
    assert [each["kind"] for each in records(tmp_path)] == ["key", "deleted", "deleted"]
    assert {each["key"] for each in records(tmp_path)} == {fingerprint}
    facts = read(tmp_path)
    assert (facts.problems, facts.remarks) == ([], [])
    assert facts.keys.since == {fingerprint: 2}
    assert facts.keys.judge(fingerprint) == ""


def test_an_old_chain_without_signatures_holds_and_is_told_as_unsigned(
    tmp_path: Path, key: KeyFile
) -> None:
    append(tmp_path, None)
    append(tmp_path, None)
    facts = read(tmp_path)
    assert (facts.problems, facts.keys.since) == ([], {})
    fingerprint = key.signers().key.fingerprint
    assert "nothing in it is signed" in facts.keys.judge(fingerprint)
    append(tmp_path, key)
    facts = read(tmp_path)
    assert facts.problems == []
    assert facts.remarks[0].startswith("records up to 2 are not signed")
    assert facts.keys.judge(fingerprint) == ""


def test_a_key_that_follows_another_is_vouched_for_by_it(tmp_path: Path, key: KeyFile) -> None:
    append(tmp_path, key)
    first = key.signers().key.fingerprint
    second = key.rotate()
    append(tmp_path, key)
    append(tmp_path, key)
    facts = read(tmp_path)
    assert facts.problems == []
    assert list(facts.keys.since) == [first, second]
    assert facts.keys.judge(first) == facts.keys.judge(second) == ""
    assert SigningKey.make().fingerprint not in facts.keys.since


def test_a_revoked_key_vouches_for_nothing_and_its_successor_does(
    tmp_path: Path, key: KeyFile
) -> None:
    append(tmp_path, key)
    first = key.signers().key.fingerprint
    second = key.rotate("the card was lent out")
    append(tmp_path, key)
    facts = read(tmp_path)
    assert facts.problems == []
    assert "was revoked: the card was lent out" in facts.keys.judge(first)
    assert facts.keys.judge(second) == ""


def test_a_lost_key_cannot_be_replaced_without_a_word(tmp_path: Path, key: KeyFile) -> None:
    append(tmp_path, key)
    (tmp_path / "state" / NAME).unlink()
    append(tmp_path, key)
    (problem,) = read(tmp_path).problems
    assert problem == "record 3 brings a key that the key before it has not introduced"


def test_a_thief_of_the_folder_cannot_make_the_cameras_key_follow_his_own(
    tmp_path: Path, key: KeyFile
) -> None:
    camera, thief = key.signers().key, SigningKey.make()
    forged = Chain(tmp_path)
    forged.append([deletion(1)], signers=Signers(thief))
    introduction = {
        "kind": "key",
        "new_key": camera.fingerprint,
        "replaces": thief.fingerprint,
        "accepted": thief.accept(thief.fingerprint, "ab" * 32, ""),
    }
    forged.append([introduction], signers=Signers(thief))
    # The daemon finds its own key in force, and goes on.
    append(tmp_path, key)
    (problem,) = read(tmp_path).problems
    assert "does not accept to follow" in problem


def test_a_thief_of_a_revoked_key_cannot_use_the_acceptance_of_its_successor_again(
    tmp_path: Path, key: KeyFile
) -> None:
    append(tmp_path, key)
    stolen = key.signers().key
    trusted = key.rotate("stolen")
    append(tmp_path, key)
    genuine = next(each for each in records(tmp_path) if each.get("replaces"))
    (tmp_path / "evidence.jsonl").unlink()
    introduction = {name: genuine[name] for name in ("kind", "new_key", "replaces", "accepted")}
    forged = [deletion(7), introduction]
    Chain(tmp_path).append(forged, signers=Signers(stolen))
    append(tmp_path, key)
    facts = read(tmp_path)
    assert facts.keys.judge(trusted) == ""
    (problem,) = facts.problems
    assert "does not accept to follow" in problem


def test_the_keys_are_known_after_the_records_that_introduced_them_were_dropped(
    tmp_path: Path, key: KeyFile
) -> None:
    chain = Chain(tmp_path, largest=6000)
    for _ in range(60):
        chain.append([deletion(1)], signers=key.signers())
    facts = read(tmp_path)
    assert facts.problems == []
    assert facts.first > 2
    assert facts.keys.judge(key.signers().key.fingerprint) == ""


def test_a_record_names_the_key_that_signs_what_follows(tmp_path: Path, key: KeyFile) -> None:
    append(tmp_path, None)
    (unsigned,) = records(tmp_path)
    assert key_after(unsigned) is None
    append(tmp_path, key)
    *_, introduction, last = records(tmp_path)
    assert key_after(introduction) == key_after(last) == key.signers().key.fingerprint


ANYTHING = st.one_of(
    st.none(), st.integers(), st.text(), st.just({}), st.just([]), st.just("ab" * 32),
    st.just("cd" * 64),
)  # fmt: skip
NAMES = (
    "kind", "key", "new_key", "replaces", "accepted", "revoked", "through", "through_hash",
    "segment", "bytes", "sha256", "frames", "reason", "written",
)  # fmt: skip


@given(
    forged=st.lists(st.dictionaries(st.sampled_from(NAMES), ANYTHING), min_size=1, max_size=4),
    kinds=st.lists(st.sampled_from(list(Kind)), min_size=4, max_size=4),
    signature=ANYTHING,
)
def test_whatever_somebody_without_the_key_appends_is_told_and_breaks_nothing(
    forged: list[dict[str, object]], kinds: list[Kind], signature: object
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        append(folder, KeyFile(folder / "state"))
        whole = records(folder)
        number, previous = whole[-1]["record"], whole[-1]["hash"]
        texts = [line(each).rstrip(b"\n") for each in whole]
        for content, kind in zip(forged, kinds, strict=False):
            number += 1
            record = link({"kind": kind, **content, "newest_segment": 0}, number, previous)
            if not isinstance(record["kind"], str):
                continue
            previous = record["hash"]
            texts.append(line(record | {"signature": signature}).rstrip(b"\n"))
        facts = read_chain(texts)
        assert facts.problems or len(texts) == len(whole)
        assert facts.keys.in_force or len(texts) > len(whole)
