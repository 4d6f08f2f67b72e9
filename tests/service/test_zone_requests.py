"""Zones from the network, and a web process that somebody else has taken over."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anoncam.config.added_zones import FILE_NAME, Zones
from anoncam.errors import StorageError
from anoncam.feed.client import FeedReader
from anoncam.service.zone_requests import MOST_CHANGES, SPAN, ZoneRequests
from tests.support.daemons import SYNTHETIC, Start, ask, record_more, recorded, stop_well
from tests.support.frames import FakeClock
from tests.support.running import RunningDaemon
from tests.support.watching import luma

LEFT = [[0.0, 0.0], [0.3, 0.0], [0.3, 1.0], [0.0, 1.0]]
RIGHT = [[0.7, 0.0], [1.0, 0.0], [1.0, 1.0], [0.7, 1.0]]
CROSSING = [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]


def handled(requests: ZoneRequests, request: dict[str, Any]) -> dict[str, object]:
    answers: list[dict[str, object]] = []
    requests.handle(request, 1000, answers.append)
    (answer,) = answers
    return answer


def at_once(work: Callable[[], None]) -> bool:
    work()
    return True


def test_changes_are_limited_in_number_and_possible_again_later() -> None:
    clock, applied = FakeClock(), []

    def apply(zones: Zones, _user: int) -> None:
        applied.append(zones)

    requests = ZoneRequests(clock, at_once, apply)
    for _ in range(MOST_CHANGES):
        assert "zones" in handled(requests, {"zones": [LEFT]})
    assert "too often" in str(handled(requests, {"zones": []})["problem"])
    clock.advance(SPAN)
    assert "zones" in handled(requests, {"zones": []})
    assert len(applied) == MOST_CHANGES + 1


def test_zones_that_are_refused_count_too_as_each_check_takes_time() -> None:
    requests = ZoneRequests(FakeClock(), at_once, lambda *_: None)
    for _ in range(MOST_CHANGES):
        assert "cross" in str(handled(requests, {"zones": [CROSSING]})["problem"])
    assert "too often" in str(handled(requests, {"zones": [CROSSING]})["problem"])


@pytest.mark.parametrize("error", [StorageError("the disk is full"), ValueError("a mistake")])
def test_what_fails_is_answered_and_the_thread_goes_on(error: Exception) -> None:
    def apply(_zones: Zones, _user: int) -> None:
        raise error

    answer = handled(ZoneRequests(FakeClock(), at_once, apply), {"id": 7, "zones": []})
    assert answer["id"] == 7
    assert answer["problem"]


def test_a_daemon_that_is_busy_says_so() -> None:
    requests = ZoneRequests(FakeClock(), lambda _: False, lambda *_: None)
    assert "busy" in str(handled(requests, {"zones": []})["problem"])


def answer_to(reader: FeedReader, request: dict[str, object]) -> dict[str, Any]:
    reader.send(request)
    return dict(next(message.facts for message in reader if message.kind == "answer"))


CONFIGURED = SYNTHETIC + f"anonymizer: {{zones: [{json.dumps(LEFT)}], fill: solid}}\n"


def zones_of(running: RunningDaemon) -> tuple[object, object]:
    zones = running.status()["zones"]
    return zones["configured"], zones["added"]


@pytest.mark.integration
def test_an_added_zone_is_covered_from_the_next_frames_on_and_no_frame_is_lost(
    daemon: Start,
) -> None:
    running = daemon(CONFIGURED)
    running.wait_until(recorded(20))
    with FeedReader(running.state, []) as reader:
        assert answer_to(reader, {"id": 1, "zones": [RIGHT]}) == {"id": 1, "zones": [RIGHT]}
    assert "1 now" in running.wait_for("zones-changed")
    record_more(running, 40)
    assert zones_of(running) == ([LEFT], [RIGHT])
    stop_well(running)
    counts = running.status()["counts"]
    assert counts["captured"] == counts["recorded"]
    (segment,) = running.recordings()
    first, last = luma(segment)[0], luma(segment)[-1]
    width = first.shape[1]
    assert first[:, : width // 4].std(axis=1).max() < 3
    assert last[:, : width // 4].std(axis=1).max() < 3
    assert last[:, 3 * width // 4 :].std(axis=1).max() < 3 < first[:, 3 * width // 4 :].std()
    records = (running.state / "recordings/evidence.jsonl").read_text()
    assert '"kind":"zones","added":1' in records
    code, output, errors = ask(running, "verify")
    assert code == 0, output + errors


@pytest.mark.integration
def test_whoever_has_taken_over_the_web_process_cannot_cover_less_than_the_configuration(
    daemon: Start,
) -> None:
    running = daemon(CONFIGURED)
    running.wait_until(recorded(5))
    attempts: list[dict[str, Any]] = [
        {"zones": []},
        {"zones": None},
        {"zones": {"remove": [LEFT]}},
        {"zones": [[[0, 0], [1, 1]]]},
        {"zones": [RIGHT] * 100},
        {"zones": [], "configured": [], "anonymizer": {"fill": "mean", "zones": []}},
        {"zones": [], "coverage": {"start_threshold": 1}, "source": {"type": "file"}},
    ]
    with FeedReader(running.state, []) as reader:
        for number, attempt in enumerate(attempts):
            answer = answer_to(reader, {**attempt, "id": number})
            assert "problem" in answer or answer["zones"] == []
    others: list[dict[str, object]] = [{"coverage": {"keep_threshold": 1}}, {"fill": "mean"}]
    for attempt in others:
        with FeedReader(running.state, []) as reader:
            reader.send(attempt)
            with pytest.raises(Exception, match=r"ended|gives no feed"):
                list(reader)
    record_more(running, 40)
    assert zones_of(running) == ([LEFT], [])
    running.reload(CONFIGURED.replace("solid", "private"))
    running.wait_for("config-reloaded")
    record_more(running, 20)
    assert zones_of(running) == ([LEFT], [])
    stop_well(running)
    for picture in (luma(running.recordings()[0])[index] for index in (0, -1)):
        assert picture[:, : picture.shape[1] // 4].std(axis=1).max() < 60


@pytest.mark.integration
def test_added_zones_outlast_a_restart_and_a_reload_and_a_damaged_file_covers_everything(
    daemon: Start,
) -> None:
    running = daemon(CONFIGURED)
    running.wait_until(recorded(5))
    with FeedReader(running.state, []) as reader:
        answer_to(reader, {"zones": [RIGHT]})
    stop_well(running)
    again = daemon(CONFIGURED)
    again.wait_for("source-chosen")
    again.reload(SYNTHETIC)
    again.wait_for("config-reloaded")
    record_more(again, 5)
    assert zones_of(again) == ([], [RIGHT])
    stop_well(again)
    (again.state / FILE_NAME).write_text("{")
    damaged = daemon(SYNTHETIC)
    damaged.wait_for("source-chosen")
    record_more(damaged, 5)
    assert zones_of(damaged) == ([], [[[0, 0], [1, 0], [1, 1], [0, 1]]])
    stop_well(damaged)


def test_the_folder_of_the_state_is_not_in_reach_of_a_request(tmp_path: Path) -> None:
    requests = ZoneRequests(FakeClock(), at_once, lambda *_: None)
    assert "problem" in handled(requests, {"zones": [str(tmp_path)], "folder": "/etc"})
