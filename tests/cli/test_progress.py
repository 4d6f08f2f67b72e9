import io

import pytest

from anoncam.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the clock shows."""
    shown = [100.0]
    monkeypatch.setattr("anoncam.cli.progress.time.monotonic", lambda: shown[0])
    return shown


def printed(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> io.StringIO:
    monkeypatch.setattr("sys.stderr", stream)
    return stream


def test_without_a_terminal_a_plain_line_reports_frames_rate_and_time_left_now_and_then(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = printed(monkeypatch, io.StringIO())
    with Progress("clip.mp4", 1000) as shown:
        for seconds, frames in ((1, 20), (9.9, 198), (10, 200), (11, 220), (20, 400)):
            clock[:] = [100.0 + seconds]
            shown.show(frames)
    assert stderr.getvalue().splitlines() == [
        "clip.mp4: 200 of 1000 frames, 20.0 fps, 40 s left",
        "clip.mp4: 400 of 1000 frames, 20.0 fps, 30 s left",
    ]


def test_where_the_number_of_frames_is_not_known_no_time_is_promised(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = printed(monkeypatch, io.StringIO())
    for total, frames in ((None, 50), (100, 0), (10, 50)):
        with Progress("clip.mp4", total) as shown:
            clock[:] = [clock[0] + 10]
            shown.show(frames)
    assert stderr.getvalue().splitlines() == [
        "clip.mp4: 50 frames, 5.0 fps",
        "clip.mp4: 0 frames, 0.0 fps",
        "clip.mp4: 50 of 10 frames, 5.0 fps, 0 s left",
    ]


def test_on_a_terminal_there_is_a_bar_and_no_line(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = printed(monkeypatch, Terminal())
    with Progress("clip.mp4", 10) as shown:
        clock[:] = [200.0]
        shown.show(10)
    assert "10/10" in stderr.getvalue()
    assert " of " not in stderr.getvalue()
