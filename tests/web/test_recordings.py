import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest

from anoncam.web.recordings import (
    day_of,
    days,
    disk_use,
    evidence_files,
    find,
    fragments,
    segments_between,
)
from tests.support.evidence_folder import record

pytestmark = pytest.mark.integration

DAY = datetime(2026, 7, 14, tzinfo=UTC)


def test_the_segments_of_a_day_come_with_what_their_evidence_says(tmp_path: Path) -> None:
    recorded = record(tmp_path, 3)
    assert days(tmp_path) == ["2026-07-14"]
    found = segments_between(tmp_path, *day_of("2026-07-14"))
    assert [each["name"] for each in found] == [path.name for path in recorded]
    assert {each["frames"] for each in found} == {10}
    assert found[0]["started"] == "2026-07-14T09:15:00.000Z"
    assert segments_between(tmp_path, DAY + timedelta(days=1), DAY + timedelta(days=2)) == []
    use = disk_use(tmp_path)
    assert use["oldest"] == "2026-07-14"
    assert use["bytes_per_second"]


@pytest.mark.parametrize("damaged", ["[", "[]", "[" * 100_000])
def test_a_segment_without_evidence_is_shown_all_the_same(tmp_path: Path, damaged: str) -> None:
    (segment,) = record(tmp_path, 1)
    segment.with_suffix(".json").write_text(damaged)
    (found,) = segments_between(tmp_path, *day_of("2026-07-14"))
    assert (found["evidence"], found["frames"], found["bytes"] > 0) == (False, None, True)


def test_each_fragment_lies_where_the_list_says_and_plays_after_the_init_segment(
    tmp_path: Path,
) -> None:
    (path,) = record(tmp_path, 1)
    content = path.read_bytes()
    init, found = fragments(path)
    assert [each.start for each in found] == [0]
    for each in found:
        part = content[:init] + content[each.offset : each.offset + each.size]
        with av.open(io.BytesIO(part), "r") as container:
            assert len(list(container.decode(video=0))) == 10


def test_of_a_torn_file_only_whole_fragments_are_listed(tmp_path: Path) -> None:
    (path,) = record(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-200])
    assert fragments(path)[1] == []


@pytest.mark.parametrize(
    "name",
    [
        "../secret.mp4",
        "/etc/passwd",
        "evidence.jsonl",
        "000000001_20260714T091500Z.mp4/../../x",
        "",
        "000000009_20260714T091500Z.mp4",
    ],
)
def test_no_file_can_be_named_but_a_segment(tmp_path: Path, name: str) -> None:
    record(tmp_path, 1)
    (tmp_path.parent / "secret.mp4").write_text("secret")
    assert find(tmp_path, name) is None
    assert list(evidence_files(tmp_path, "../x")) == []


def test_a_link_is_no_segment(tmp_path: Path) -> None:
    (tmp_path / "000000009_20260714T091500Z.mp4").symlink_to("/etc/passwd")
    assert find(tmp_path, "000000009_20260714T091500Z.mp4") is None


def test_a_segment_that_is_being_written_is_found_by_its_final_name(tmp_path: Path) -> None:
    (path,) = record(tmp_path, 1)
    part = path.rename(path.with_name(f"{path.name}.part"))
    assert find(tmp_path, path.name) == part


@pytest.mark.parametrize("text", ["", "2026-13-01", "2026-07-14T00:00", "../x"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        day_of(text)


def test_a_link_in_place_of_evidence_gives_no_other_file_away(tmp_path: Path) -> None:
    (segment,) = record(tmp_path, 1)
    secret = tmp_path / "secret"
    secret.write_text('{"sha256": "secret", "frames": 7}')
    for evidence in [*evidence_files(tmp_path, segment.name)]:
        evidence.unlink()
        evidence.symlink_to(secret)
    assert list(evidence_files(tmp_path, segment.name)) == []
    (found,) = segments_between(tmp_path, *day_of("2026-07-14"))
    assert (found["evidence"], found["sha256"]) == (False, None)
