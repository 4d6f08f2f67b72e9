"""The footage of the bench is like a camera's in size, rate and length, and shows nobody."""

from pathlib import Path

import av
import pytest

from anoncam.bench.footage import RATE, SIZE, make_footage

pytestmark = pytest.mark.integration


def test_it_has_the_size_rate_and_length_that_are_told(tmp_path: Path) -> None:
    make_footage(tmp_path / "bench.mp4", seconds=1)
    with av.open(str(tmp_path / "bench.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == SIZE
        assert stream.average_rate == RATE
        assert len(list(container.decode(stream))) == RATE
