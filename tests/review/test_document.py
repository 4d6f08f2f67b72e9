"""Nothing but a valid document is taken, and each error comes with its place."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from anoncam import review
from anoncam.review import document as document_module
from anoncam.review.coverage_file import explain
from anoncam.review.document import CoverageDocument
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.documents import FACE, document_of

FRAMES = [Coverage((FACE, CoverBox((1, 2, 3, 4), "track 2")))] * 3 + [Coverage(veil="late")]
VALID: dict[str, Any] = json.loads(document_of(FRAMES).model_dump_json())


def test_the_schema_that_is_shipped_is_that_of_the_document() -> None:
    path = Path(review.__file__).parent / "coverage-file.schema.json"
    assert json.loads(path.read_text()) == CoverageDocument.model_json_schema()


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (["format"], "coco", "format: "),
        (["version"], 2, "version: "),
        (["version"], "1", "version: "),
        (["further"], 1, "further: "),
        (["source", "sha256"], "abc", "source.sha256: "),
        (["source", "width"], 0, "source.width: "),
        (["source", "rotation"], 45, "source.rotation: "),
        (["source", "times"], [0, 1, 2], "source: Value error, there are 3 times for 4 frames"),
        (["source", "times", 1], 0, "times[1] is not later"),
        (["source", "times", 1], 2**70, "source.times[1]: "),
        (["margins", "top"], -1, "margins.top: "),
        (["margins", "top"], "much", "margins.top: "),
        (["zones"], [[[0, 0], [1, 1]]], "zones[0]: "),
        (["tracks", 0, "id"], "a\x1b[2J", "tracks[0].id: "),
        (["tracks", 0, "id"], "track 1\n", "tracks[0].id: "),
        (["tracks", 0, "id"], "veil", "id is a name"),
        (["tracks", 0, "id"], "zone 0", "id is a name"),
        (["tracks", 1, "id"], "track 1", "tracks[1] has the id of an earlier track"),
        (["tracks", 0, "score"], 1.5, "tracks[0].score: "),
        (["tracks", 0, "last"], 1, "first and last are not those of its spans"),
        (["tracks", 0, "spans"], [], "tracks[0].spans: "),
        (["tracks", 0, "spans", 0, "reason"], "because", "tracks[0].spans[0].reason: "),
        (["tracks", 0, "spans", 0, "keys", 0], [0, 1, 2, 3], "tracks[0].spans[0].keys[0]"),
        (["tracks", 0, "spans", 0, "keys", 0, 1], 1e9, "tracks[0].spans[0].keys[0][1]: "),
        (["tracks", 0, "spans", 0, "keys", 0, 1], "1", "tracks[0].spans[0].keys[0][1]: "),
        (["tracks", 0, "spans", 0, "keys", 0, 1], 40, "keys[0] ends before it begins"),
        (["tracks", 0, "spans", 0, "keys", 0, 0], 2, "keys[1] is not of a later frame"),
        (["tracks", 0, "spans", 0, "keys", 0, 0], -1, "tracks[0].spans[0].keys[0][0]: "),
        (["veiled", 0, "last"], 4, "veiled[0] ends at frame 4"),
        (["veiled", 0, "first"], 9, "it ends before it begins"),
        (["veiled", 0, "reason"], "", "veiled[0].reason: "),
        (["veiled"], [{"first": 0, "last": 3, "reason": "a"}] * 2, "veiled[1] begins before"),
    ],
)
def test_an_error_comes_with_its_place(place: list[str | int], value: object, said: str) -> None:
    changed = deepcopy(VALID)
    part: Any = changed
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(ValidationError) as caught:
        CoverageDocument.model_validate_json(json.dumps(changed))
    assert said in explain(caught.value)


def test_a_track_may_not_end_after_the_footage() -> None:
    changed = deepcopy(VALID)
    changed["tracks"][0]["spans"][0]["keys"][-1][0] = changed["tracks"][0]["last"] = 4
    with pytest.raises(ValidationError, match=r"tracks\[0\] ends at frame 4"):
        CoverageDocument.model_validate_json(json.dumps(changed))


def test_spans_of_a_track_may_not_overlap() -> None:
    changed = deepcopy(VALID)
    changed["tracks"][0]["spans"] *= 2
    with pytest.raises(ValidationError, match=r"spans\[1\] begins before"):
        CoverageDocument.model_validate_json(json.dumps(changed))


def test_more_boxes_than_can_be_covered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_module, "MOST_BOXES_IN_A_FRAME", 1)
    with pytest.raises(ValidationError, match="frame 0 has more than 1 boxes"):
        CoverageDocument.model_validate_json(json.dumps(VALID))
