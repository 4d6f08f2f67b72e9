import numpy as np
import pytest

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.frame import Layout, tight
from anoncam.tracking.coverage import Coverage
from tests.support.covering import noisy


@pytest.mark.parametrize("key", [None, object(), True])
def test_nobody_but_the_anonymizer_makes_an_anonymized_frame(key: object) -> None:
    with pytest.raises(TypeError, match="only the anonymizer"):
        AnonymizedFrame(noisy(tight(16, 16)), Coverage(), key)


def test_an_anonymized_frame_takes_no_new_attributes() -> None:
    frame = Anonymizer(AnonymizerSettings()).apply(noisy(tight(16, 16)), Coverage())
    with pytest.raises(AttributeError):
        frame.pixels = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("layout", Layout)
def test_an_anonymized_frame_has_the_timestamp_sequence_and_memory_of_its_raw_frame(
    layout: Layout,
) -> None:
    raw = noisy(tight(64, 48, layout))
    raw.timestamp, raw.sequence = 123_456_789, 7
    frame = Anonymizer(AnonymizerSettings()).apply(raw, Coverage())
    assert (frame.timestamp, frame.sequence, frame.format) == (123_456_789, 7, raw.format)
    video = frame.video_frame()
    raw.luma[:] = 77
    assert (
        np.frombuffer(memoryview(video.planes[0]), np.uint8).reshape(48, -1)[:, :64] == 77
    ).all()
