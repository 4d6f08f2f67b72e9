from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tools.demo.contact_sheet import make_contact_sheet, match_frames


def write_video(
    path: Path, levels: Sequence[int], times: Sequence[int] | None = None, rotation: int = 0
) -> Path:
    """A video whose frame n is grey of `levels[n]`, at `times[n]` in tenths of a second."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number, level in enumerate(levels):
            picture = np.full((72, 64), 128, np.uint8)
            picture[:48] = level
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = times[number] if times else number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def level(sheet: Image.Image, column: int, row: int) -> int:
    """The middle grey of one tile, back in luma."""
    width, height = 320, 240
    x, y = 8 + column * (width + 8) + width // 2, 22 + row * (height + 8) + height // 2
    pixel = sheet.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return round(pixel[0] / 255 * 219 + 16)


def test_both_rows_show_the_same_frames_across_segments(tmp_path: Path) -> None:
    levels = list(range(20, 220, 10))
    source = write_video(tmp_path / "source.mp4", levels)
    first = write_video(tmp_path / "1.mp4", levels[:12])
    second = write_video(tmp_path / "2.mp4", levels[12:])
    make_contact_sheet(source, [first, second], tmp_path / "sheet.png", 4)
    with Image.open(tmp_path / "sheet.png") as sheet:
        before = [level(sheet, column, 0) for column in range(4)]
        after = [level(sheet, column, 1) for column in range(4)]
    assert before == pytest.approx([levels[index] for index in (2, 7, 12, 17)], abs=3)
    assert after == pytest.approx(before, abs=3)


def test_with_no_frame_dropped_the_nth_recorded_frame_is_the_nth_of_the_source(
    tmp_path: Path,
) -> None:
    times = [0, 1, 2, 9, 10, 11]
    source = write_video(tmp_path / "source.mp4", [50] * 6, times)
    # The pause of 0.7 s is between the segments, where no file shows it.
    segments = [
        write_video(tmp_path / "1.mp4", [50] * 3),
        write_video(tmp_path / "2.mp4", [50] * 3),
    ]
    pairs = match_frames(source, segments, 6)
    assert [pair.source_time for pair in pairs] == pytest.approx([time / 10 for time in times])


def test_with_dropped_frames_time_decides(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", [50] * 10)
    segment = write_video(tmp_path / "1.mp4", [50] * 4, [0, 1, 6, 7])
    pairs = match_frames(source, [segment], 4)
    assert [pair.source_time for pair in pairs] == pytest.approx([0, 0.1, 0.6, 0.7])


def test_a_recording_with_fewer_frames_than_wanted_shows_every_frame(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", [50] * 3)
    assert len(match_frames(source, [source], 8)) == 3


def test_nothing_recorded_is_an_error_that_names_the_reason(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", [50] * 3)
    with pytest.raises(ValueError, match="no frame was recorded"):
        match_frames(source, [], 8)
