from pathlib import Path

import pytest

from anoncam.evidence.chain import NAMES, Chain
from anoncam.evidence.verification import State, verify
from anoncam.upload import chain_copy
from anoncam.upload.chain_copy import copy_chain
from tests.support.evidence_folder import Recordings, deletion, record, records

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    folder = tmp_path_factory.mktemp("recordings")
    record(folder, 3)
    return Recordings(folder)


def test_the_copy_ends_before_the_first_segment_that_is_not_uploaded(
    recordings: Recordings, tmp_path: Path
) -> None:
    assert copy_chain(recordings.folder, tmp_path, 2) == [NAMES[1]]
    assert recordings.chain[: len(records(tmp_path))] == Recordings(tmp_path).chain
    assert [each.get("segment", "")[:9] for each in records(tmp_path)][1:] == [
        "000000001",
        "000000002",
    ]


def test_a_folder_with_the_uploaded_segments_and_the_copy_verifies(
    recordings: Recordings, tmp_path: Path
) -> None:
    for segment in recordings.segments[:2]:
        (tmp_path / segment.name).write_bytes(segment.read_bytes())
    copy_chain(recordings.folder, tmp_path, 2)
    result = verify(tmp_path, play=True)
    assert result.problems == []
    assert [verdict.state for verdict in result.verdicts] == [State.KEPT, State.KEPT]


def test_a_line_that_is_being_written_is_not_copied(tmp_path: Path) -> None:
    record(tmp_path, 1)
    whole = (tmp_path / NAMES[1]).read_bytes()
    (tmp_path / NAMES[1]).write_bytes(whole + b'{"record": 3, "ki')
    target = tmp_path / "target"
    target.mkdir()
    copy_chain(tmp_path, target, 9)
    assert (target / NAMES[1]).read_bytes() == whole


def test_both_files_of_a_long_chain_are_copied(tmp_path: Path) -> None:
    chain = Chain(tmp_path, largest=600)
    for number in range(6):
        chain.append([deletion(number)])
    target = tmp_path / "target"
    target.mkdir()
    assert copy_chain(tmp_path, target, 9) == list(NAMES)
    assert records(target) == records(tmp_path)


def test_a_chain_that_is_turned_over_meanwhile_is_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(tmp_path, largest=100)
    chain.append([deletion(1), deletion(2)])
    target = tmp_path / "target"
    target.mkdir()
    lines: list[bytes] = []

    def turn_over_in_between(line: bytes, through: int) -> bool:
        lines.append(line)
        if len(lines) == 1:
            chain.append([deletion(3)])
        return False

    monkeypatch.setattr(chain_copy, "_is_beyond", turn_over_in_between)
    assert chain_copy.copy_chain(tmp_path, target, 9) == list(NAMES)
    assert records(target) == records(tmp_path)


def test_a_link_in_place_of_the_chain_gives_no_other_file_away(
    recordings: Recordings, tmp_path: Path
) -> None:
    folder, target = tmp_path / "recordings", tmp_path / "target"
    folder.mkdir()
    target.mkdir()
    (tmp_path / "secret").write_text("[nas]\npass = secret\n")
    for name in NAMES:
        (folder / name).symlink_to(tmp_path / "secret")
    assert copy_chain(folder, target, 9) == []
    assert list(target.iterdir()) == []
