"""Coverage documents for tests."""

from collections.abc import Sequence

from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.frame import FrameTime, tight
from anoncam.review.coverage_log import CoverageLog
from anoncam.review.document import CoverageDocument
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.frames import as_anonymized, blank

PICTURE = tight(64, 48)
SHA256 = "0" * 64
INTERVAL = 40_000_000
FACE = CoverBox((10.5, 8.0, 30.25, 33.0), "track 1")


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
