from pathlib import Path

import pytest

from anoncam.evidence.chain import Chain, lines
from anoncam.evidence.chain_reader import ChainFacts, read_chain
from anoncam.evidence.key_file import NAME, KeyFile, Signers
from anoncam.evidence.records import key_after
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
        "accepted": thief.accept(thief.fingerprint),
    }
    forged.append([introduction], signers=Signers(thief))
    # The daemon finds its own key in force, and goes on.
    append(tmp_path, key)
    (problem,) = read(tmp_path).problems
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
