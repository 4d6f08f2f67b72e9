"""What a schedule knows of the frames that wait."""

from anoncam.frames.chunk import CHUNK
from anoncam.pipeline.waiting_frames import ALERT, WaitingFrames


def test_what_is_new_concerns_no_other_chunk() -> None:
    waiting = WaitingFrames()
    waiting.alert(CHUNK - ALERT // 2)
    assert waiting.alert_until < CHUNK
    waiting.alert(CHUNK)
    assert waiting.alert_until == CHUNK + ALERT
