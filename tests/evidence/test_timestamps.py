"""Time stamps of a service that openssl makes, and of services that lie."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.errors import InputError
from anoncam.evidence.anchors import compare, read_anchors
from anoncam.evidence.chain import Chain, lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.timestamps import check_token, request_timestamp
from tests.support.evidence_folder import chain_of_deletions, deletion, records
from tests.support.time_stamping import Service, make_authority, time_stamping

pytestmark = pytest.mark.integration


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with time_stamping(tmp_path / "service") as found:
        yield found


def test_a_time_stamp_is_an_anchor_that_the_authority_vouches_for(
    tmp_path: Path, service: Service
) -> None:
    chain_of_deletions(tmp_path, 3)
    stamps = tmp_path / "stamps.jsonl"
    stamps.write_bytes(request_timestamp(records(tmp_path)[-1], service.url))
    (anchor,) = read_anchors(stamps, service.authority)
    assert (anchor.number, anchor.problem) == (3, "")
    assert anchor.at.endswith("Z")
    # The camera was offline meanwhile: one time stamp covers all records since the last one.
    Chain(tmp_path).append([deletion(4), deletion(5)])
    with stamps.open("ab") as file:
        file.write(request_timestamp(records(tmp_path)[-1], service.url))
    comparison = compare(read_chain(lines(tmp_path)), read_anchors(stamps, service.authority))
    assert (comparison.problems, comparison.found) == ((), 2)
    assert comparison.remarks[0].startswith("2 anchors are in the chain; up to record 5")


def test_a_chain_of_the_thief_of_the_key_is_told_by_a_time_stamp(
    tmp_path: Path, service: Service
) -> None:
    key = KeyFile(tmp_path / "state")
    chain = Chain(tmp_path)
    chain.append([deletion(1)], signers=key.signers())
    stamps = tmp_path / "stamps.jsonl"
    stamps.write_bytes(request_timestamp(chain.append([deletion(2)])[-1], service.url))
    (tmp_path / "evidence.jsonl").unlink()
    chain.append([deletion(1), deletion(3)], signers=key.signers())
    facts = read_chain(lines(tmp_path))
    (problem,) = compare(facts, read_anchors(stamps, service.authority)).problems
    assert "so it was replaced, at any time" in problem


def test_a_time_stamp_of_another_record_or_of_another_authority_is_not_relied_on(
    tmp_path: Path, service: Service
) -> None:
    chain_of_deletions(tmp_path, 2)
    first, second = records(tmp_path)
    stamp = json.loads(request_timestamp(first, service.url))
    other = make_authority(tmp_path / "other")
    assert check_token(first["hash"], stamp["token"], service.authority)[1] == ""
    assert "is of another record" in check_token(second["hash"], stamp["token"], None)[1]
    assert "is not checked" in check_token(first["hash"], stamp["token"], None)[1]
    assert "is not signed by" in check_token(first["hash"], stamp["token"], other)[1]
    token = bytearray(base64.b64decode(stamp["token"]))
    token[-1] ^= 1
    changed = base64.b64encode(token).decode()
    assert "is not signed by" in check_token(first["hash"], changed, service.authority)[1]
    for rubbish in ("", "no base64", base64.b64encode(b"rubbish").decode()):
        assert check_token(first["hash"], rubbish, service.authority)[1]


def der(tag: int, content: bytes) -> bytes:
    """A value in DER: its tag, its length in two bytes, its content."""
    return bytes([tag, 0x82, *len(content).to_bytes(2)]) + content


def test_a_time_that_stands_beside_the_signed_one_is_not_believed(
    tmp_path: Path, service: Service
) -> None:
    chain_of_deletions(tmp_path, 1)
    (record,) = records(tmp_path)
    stamp = json.loads(request_timestamp(record, service.url))
    reply = base64.b64decode(stamp["token"])
    # Of the reply, two bytes of length and the state "granted", the token is what follows.
    granted = b"\x30\x03\x02\x01\x00"
    token = reply[reply.index(granted) + len(granted) :]
    forged_time = b"granted\nTime stamp: Jan  1 00:00:00 2020 GMT"
    state = der(0x30, b"\x02\x01\x00" + der(0x30, der(0x0C, forged_time)))
    forged = base64.b64encode(der(0x30, state + token)).decode()
    found = check_token(record["hash"], forged, service.authority)
    assert found == (stamp["written"], "")


def test_a_service_that_cannot_be_reached_is_an_error_that_says_what_follows(
    tmp_path: Path,
) -> None:
    chain_of_deletions(tmp_path, 1)
    with pytest.raises(InputError, match="the next time stamp covers all records before it"):
        request_timestamp(records(tmp_path)[-1], "http://127.0.0.1:1/tsr")
