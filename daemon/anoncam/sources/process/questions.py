"""Questions about a media file, which a confined process answers."""

from collections.abc import Callable
from fractions import Fraction

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.libav.packets import Header
from anoncam.sources.libav.playback import Playback
from anoncam.sources.process.media_process import DEFAULT_LIMITS, FileProcess
from anoncam.sources.process.messages import Heading, Kind, Played, Times, with_name
from anoncam.stores.place import Place


def holds_picture(path: Place) -> bool:
    """Tell whether a file is a single picture, by its content.

    Raises:
        InputError: it cannot be opened.
    """
    with FileProcess(path, DEFAULT_LIMITS) as process:
        return process.ask(Kind, "kind").is_picture


def read_header(path: Place, limits: FilesSettings) -> Header:
    """Read the header of a file.

    Raises:
        InputError: it cannot be read, or holds no footage.
    """
    with FileProcess(path, limits) as process:
        heading = process.ask(Heading, "header", limits=limits.model_dump(mode="json"))
    return Header(**{**dict(heading), "rate": Fraction(*heading.rate)})


def packet_times(path: Place, limits: FilesSettings) -> list[int]:
    """Read when each picture is shown, in nanoseconds, in the order of the packets.

    Raises:
        InputError: the file cannot be read, or does not say it of each.
    """
    with FileProcess(path, limits) as process:
        told = process.ask(Times, "times", limits=limits.model_dump(mode="json"))
        times = told.times
        while not told.ended:
            told = process.listen(Times)
            times += told.times
    return times


def play(
    path: Place, check: Callable[[], object] = lambda: None, limits: FilesSettings = DEFAULT_LIMITS
) -> Playback:
    """Decode all frames of an MP4; `check` is called now and then, and may raise to stop."""
    frames = 0
    try:
        with FileProcess(path, limits) as process:
            played = process.ask(Played, "play", limits=limits.model_dump(mode="json"))
            while not played.ended:
                check()
                frames = played.frames
                played = process.listen(Played)
    except InputError as error:
        return Playback(frames, "none", str(error))
    return Playback(played.frames, played.codec, with_name(played.problem, str(path)))
