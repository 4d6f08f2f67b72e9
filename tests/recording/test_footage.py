import pytest

from anoncam.feed.protocol import Kind
from anoncam.recording.footage import Footage, picture_of
from tests.support.frames import moving, small_format

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("key", [None, object(), True])
def test_nobody_but_an_encoder_of_anonymized_frames_makes_footage(key: object) -> None:
    with pytest.raises(TypeError, match="only an encoder"):
        Footage(Kind.FRAGMENT, b"pixels", {}, key)


def test_a_raw_frame_becomes_no_picture() -> None:
    raw = moving(small_format(), 0)._frame
    with pytest.raises(TypeError, match="only an anonymized frame"):
        picture_of(raw)  # type: ignore[arg-type]


def test_an_anonymized_frame_becomes_a_jpeg() -> None:
    footage = picture_of(moving(small_format(), 0))
    assert (footage.kind, footage.data[:2], footage.facts) == (
        Kind.PICTURE,
        b"\xff\xd8",
        {"faces": 0, "veil": ""},
    )
