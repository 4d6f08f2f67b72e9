"""Coverage documents for tests."""

from collections.abc import Sequence

from hypothesis import strategies as st

from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.frame import FrameTime, tight
from anoncam.review.coverage_log import CoverageLog
from anoncam.review.document import CoverageDocument
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.frames import as_anonymized, blank

PICTURE = tight(64, 48)
SHA256 = "0" * 64
INTERVAL = 40_000_000
FACE = CoverBox((10.5, 8.0, 30.25, 33.0), "track 1")
NAMES = [f"track {number}" for number in range(1, 6)]
EDGES = st.floats(-1e4, 1e4)


def times(count: int) -> list[int]:
    """Timestamps of 25 frames a second."""
    return [number * INTERVAL for number in range(count)]


def document_of(
    coverages: Sequence[Coverage], settings: AnonymizerSettings | None = None
) -> CoverageDocument:
    """The document of 25 frames a second that are covered so."""
    log = CoverageLog(settings or AnonymizerSettings())
    for timestamp, coverage in zip(times(len(coverages)), coverages, strict=True):
        frame = blank(PICTURE)
        frame.stamp(FrameTime(timestamp, timestamp))
        log.add(as_anonymized(frame, coverage))
    return log.document(PICTURE, SHA256)


def turned(document: CoverageDocument, rotation: int) -> CoverageDocument:
    """The same for footage that is shown turned."""
    source = document.source.model_copy(update={"rotation": rotation})
    return document.model_copy(update={"source": source})


@st.composite
def covers(draw: st.DrawFn, name: str) -> CoverBox:
    """Any box, or the same as in other frames."""
    left, top = draw(EDGES), draw(EDGES)
    width, height = draw(st.sampled_from([0.0, 0.1, 7.0, 33.3])), draw(st.floats(0, 1e3))
    box = (left, top, left + width, top + height)
    if draw(st.booleans()):
        box = FACE.box
    return CoverBox(box, name, draw(st.floats(0, 1)), draw(st.sampled_from(Reason)))


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Boxes of some tracks, in the order that tracks have in every frame."""
    boxes = [draw(covers(name)) for name in NAMES if draw(st.booleans())]
    return Coverage(tuple(boxes), draw(st.sampled_from(["", "", "no result", "crowded"])))


@st.composite
def documents(draw: st.DrawFn) -> CoverageDocument:
    """Any document, of footage that may be turned."""
    frames = draw(st.lists(coverages(), min_size=1, max_size=8))
    return turned(document_of(frames), draw(st.sampled_from([0, 90, 180, 270])))
