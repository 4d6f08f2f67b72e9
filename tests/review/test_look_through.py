"""The sheet shows the anonymized picture, and nothing under the squares."""

from pathlib import Path

import numpy as np
import pytest

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import StoppedError
from anoncam.review.document import CoverageDocument, Span, TrackEntry
from anoncam.review.look_through import EACH, SIDE, Look, by_doubt, look_through, take_thumbnail
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.clips import make_clip
from tests.support.documents import FACE, document_of
from tests.support.frames import as_anonymized, blank, moving, small_format


def look(path: Path, document: CoverageDocument, stop: Stop | None = None) -> list[Look]:
    stop = stop or Stop()
    with FileSource(path, paced=False, loop=False, clock=SystemClock(), stop=stop) as source:
        return look_through(document, source, stop, lambda _frames: None)


def test_tracks_come_by_doubt() -> None:
    low = CoverBox((1, 1, 9, 9), "track 2", 0.3)
    short = CoverBox((20, 1, 29, 9), "track 3")
    document = document_of([Coverage((FACE, low, short)), Coverage((FACE, low)), Coverage()])
    assert [track.id for track in by_doubt(document)] == ["track 2", "track 3", "track 1"]


@pytest.mark.integration
def test_thumbnails_are_spread_over_the_frames_that_a_track_covers(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mkv", size=(64, 48), times=range(12))
    short = CoverBox((40.0, 8.0, 60.0, 33.0), "track 2")
    frames = [Coverage((FACE, short))] + [Coverage((FACE,))] * 4 + [Coverage()] * 4
    looks = look(clip, document_of([*frames, *[Coverage((FACE,))] * 3]))
    found = {each.track.id: [image.shape for image in each.thumbnails] for each in looks}
    assert found == {"track 1": [(SIDE, SIDE, 3)] * EACH, "track 2": [(SIDE, SIDE, 3)]}


@pytest.mark.integration
def test_what_lies_under_a_box_does_not_reach_its_thumbnails(tmp_path: Path) -> None:
    box = (16.0, 8.0, 40.0, 40.0)
    entry = TrackEntry.of("track 1", 1.0, (Span(reason=Reason.SURE, keys=((0, *box), (9, *box))),))
    document = document_of([Coverage()] * 10).model_copy(update={"tracks": (entry,)})
    clip = make_clip(tmp_path / "in.mkv", size=(64, 48), times=range(10))
    [found] = look(clip, document)
    for thumbnail in found.thumbnails:
        middle = thumbnail[SIDE // 2 - 8 : SIDE // 2 + 8, SIDE // 2 - 8 : SIDE // 2 + 8]
        # The clip has a slope of luma everywhere, and squares have few tones.
        assert len(np.unique(middle.reshape(-1, 3), axis=0)) <= 12


def test_a_thumbnail_is_taken_of_what_the_anonymizer_left() -> None:
    random = np.random.default_rng(5)
    raw = blank(small_format())
    raw.luma[:] = random.integers(0, 255, raw.luma.shape)
    covered = Anonymizer(AnonymizerSettings(), b"secret").apply(raw, Coverage(veil="a test"))
    before = take_thumbnail(covered, FACE.box)
    raw.luma[:] = 16
    assert not np.array_equal(take_thumbnail(covered, FACE.box), before)
    assert len(np.unique(before.reshape(-1, 3), axis=0)) < 40


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_thumbnail_is_upright(rotation: int) -> None:
    frame = blank(small_format(rotation=rotation))
    frame.luma[:] = 16
    frame.luma[:24, :32] = 235
    thumbnail = take_thumbnail(as_anonymized(frame), (12.0, 4.0, 52.0, 44.0))
    corners = [thumbnail[y, x, 0] > 128 for y, x in ((5, 5), (5, -5), (-5, -5), (-5, 5))]
    assert corners == [place == rotation // 90 for place in range(4)]


def test_a_raw_frame_has_no_thumbnail() -> None:
    with pytest.raises(AttributeError):
        take_thumbnail(moving(small_format(), 0)._frame, FACE.box)  # type: ignore[arg-type]


@pytest.mark.integration
def test_a_stop_leaves_no_sheet(tmp_path: Path) -> None:
    clip, stop = make_clip(tmp_path / "in.mkv", size=(64, 48)), Stop()
    with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=stop) as source:
        stop.request()
        with pytest.raises(StoppedError):
            look_through(document_of([Coverage((FACE,))]), source, stop, lambda _frames: None)
