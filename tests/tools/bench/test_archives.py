"""The clips that archives are measured with."""

from pathlib import Path

import av
import pytest

from tests.archive.conftest import write_clip
from tools.bench.archives import repeat

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seconds", [1, 2, 7])
def test_a_clip_is_repeated_or_cut_to_length(tmp_path: Path, seconds: int) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 3)
    repeat(clip, tmp_path / "long.mp4", seconds)
    with av.open(str(tmp_path / "long.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == pytest.approx(10 * seconds, abs=3)
    assert times == sorted(times)
    assert times[-1] is not None
    assert times[-1] < seconds
