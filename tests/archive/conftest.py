"""A clip with faces that is long enough for several chunks."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from skimage.data import astronaut

from anoncam.anonymizer import chunk_memory
from anoncam.archive import chunk_plan
from anoncam.clock import NANOSECONDS
from anoncam.frames import chunk

SIDE = 160
RATE = 10


def write_clip(path: Path, seconds: float, *, rate: int = RATE, sound: bool = False) -> Path:
    """A portrait that wanders over a moving ground, with two cuts a minute, at `rate`."""
    face = astronaut()[0:220, 110:330][::2, ::2]
    frames = round(seconds * rate)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"g": "25", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 2 * SIDE, SIDE, "yuv420p"
        stream.time_base = Fraction(1, 90000)
        voice = container.add_stream("aac", rate=8000) if sound else None
        for number in range(frames):
            scene = number * 2 // (rate * 60)
            base = np.linspace(20 + 60 * (scene % 3), 200 - 50 * (scene % 3), 2 * SIDE)
            ground = np.tile(np.roll(base, number), (SIDE, 1)).astype(np.uint8)
            picture = np.dstack([ground, ground[:, ::-1], ground])
            left = int(100 + 60 * np.sin(number / 15))
            if number % (8 * rate) < 6 * rate:
                picture[20:130, left : left + 110] = face
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame.pts, frame.time_base = number * 90000 // rate, Fraction(1, 90000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice is not None:
            tone = np.sin(np.arange(round(seconds * 8000)) / 5).astype(np.float32) / 4
            for start in range(0, tone.size, 1024):
                piece = np.ascontiguousarray(tone[None, start : start + 1024])
                samples = av.AudioFrame.from_ndarray(piece, "fltp", "mono")
                samples.sample_rate, samples.pts = 8000, start
                container.mux(voice.encode(samples))
            container.mux(voice.encode(None))
    return path


@pytest.fixture
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of ten seconds, with a lead-in of one."""
    for module in (chunk, chunk_plan):
        monkeypatch.setattr(module, "CHUNK", 10 * NANOSECONDS)
    for module in (chunk, chunk_memory):
        monkeypatch.setattr(module, "LEAD_IN", NANOSECONDS)
