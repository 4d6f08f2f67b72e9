"""The sound of a file for a copy that keeps it, which a confined process reads."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

from anoncam.clock import NANOSECONDS, Stop
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.process.audio_messages import AudioPacket, AudioPackets, Sound
from anoncam.sources.process.media_process import DEFAULT_LIMITS, FileProcess
from anoncam.sources.timestamps import Part, nanoseconds
from anoncam.stores.place import Place

_TOLERANCE = NANOSECONDS * 3 // 10
"""A packet that is off by more than this belongs to another part of the file, or ends a pause."""

_PATIENCE = 5 * NANOSECONDS
"""How long such a packet waits for the pictures to come to their next part."""

_MOST_SKIPPED = 1_000_000
"""Packets in a row that are no later than what came before: six hours of AAC."""

_FURTHEST, _LONGEST = 1 << 34, 3600
"""Seconds from the beginning of all time to the sound of a file, and those of one packet."""

_NO_JUMPS = (Part(0, 0),)


class AudioTrack:
    """The default audio stream of a file, packet by packet.

    Where the clock of the file jumps, the sound follows the pictures: `parts` are those of
    `FileSource`, in units of `time_base`, and grow while its frames are read. Sound that an edit
    list cuts away is left out, and so is sound that overlaps after a jump. `start` (nanoseconds) is
    the time from which on the packets are timed.

    >>> with AudioTrack(path, source.parts, source.time_base) as audio:
    ...     if audio.format is not None:
    ...         footage.add_audio(audio.format)
    ...     for packet in audio.until(frame.timestamp):
    ...         footage.mux_audio(packet)

    `format` is None where the file has no sound. `first` is when the sound begins (nanoseconds).

    Raises:
        InputError: the file cannot be read, or its sound not be copied.
        StoreError: it is in a store, which refuses or cannot be reached.
        StoppedError: the stop was requested while the file was read.
    """

    def __init__(
        self,
        path: Place,
        parts: Sequence[Part] = _NO_JUMPS,
        time_base: Fraction = Fraction(1, NANOSECONDS),
        limits: FilesSettings = DEFAULT_LIMITS,
        stop: Stop | None = None,
    ) -> None:
        self._path = path
        self._process = FileProcess(path, limits, lambda: stop is not None and stop.requested)
        try:
            sound = self._process.ask(Sound, "sound", limits=limits.model_dump(mode="json"))
            self.format = sound.format
            self._unit = Fraction(1) if sound.format is None else sound.format.time_base
            self._packets = self._receive()
            self._next = next(self._packets, None)
        except BaseException:
            self.close()
            raise
        self.first = sound.first
        self._parts = parts
        self._time_base = time_base
        self.start = 0
        self._part = 0
        self._has_jumped = False
        self._skipped = 0
        self._last = -(1 << 62)
        self._expected = 0 if self._next is None else self._time(self._next)

    def until(self, timestamp: int | None) -> Iterator[AudioPacket]:
        """Yield the remaining packets that begin at `timestamp` or before; all of them if None.

        Each is later than the one before. The sound ends where the file breaks off; the video
        source raises the error.

        Raises:
            InputError: the process that reads them has ended, or lies.
            StoppedError: the stop was requested meanwhile.
        """
        while (packet := self._next) is not None:
            if not self._find_part(self._time(packet), timestamp):
                return
            offset = nanoseconds(self._parts[self._part].offset, self._time_base)
            time = self._time(packet) + offset
            if timestamp is not None and time > timestamp:
                return
            self._next = next(self._packets, None)
            self._skipped += 1
            if self._skipped > _MOST_SKIPPED:
                raise self._impossible()
            duration = nanoseconds(packet.duration, self._unit)
            overlaps = self._has_jumped and time < self._expected - duration // 2
            if overlaps or time <= self._last:
                continue
            self._has_jumped, self._skipped = False, 0
            self._last, self._expected = time, time + duration
            shift = round((offset - self.start) / (NANOSECONDS * self._unit))
            yield packet.model_copy(update={"time": packet.time + shift})

    def _find_part(self, time: int, timestamp: int | None) -> bool:
        """Find the part of the file that a packet belongs to; False if it is not known yet."""
        off = self._how_far_off(time, self._part)
        if off <= _TOLERANCE:
            return True
        following = range(self._part + 1, len(self._parts))
        nearest = min(following, key=lambda part: self._how_far_off(time, part), default=None)
        if nearest is not None and self._how_far_off(time, nearest) < off:
            self._part, self._has_jumped = nearest, True
            return True
        return timestamp is None or timestamp > self._expected + _PATIENCE

    def _how_far_off(self, time: int, part: int) -> int:
        offset = nanoseconds(self._parts[part].offset, self._time_base)
        return abs(time + offset - self._expected)

    def _time(self, packet: AudioPacket) -> int:
        return nanoseconds(packet.time, self._unit)

    def _receive(self) -> Iterator[AudioPacket]:
        if self.format is None:
            return
        told = self._process.ask(AudioPackets, "packets")
        while told.packets:
            for packet in told.packets:
                self._refuse_impossible(packet)
                yield packet
            if told.ended:
                return
            told = self._process.ask(AudioPackets, "packets")

    def _refuse_impossible(self, packet: AudioPacket) -> None:
        too_far = abs(packet.time) * self._unit > _FURTHEST
        if too_far or packet.duration * self._unit > _LONGEST:
            raise self._impossible()

    def _impossible(self) -> InputError:
        return InputError(f"{self._path} cannot be read: its sound has no order")

    def close(self) -> None:
        """End the process; idempotent."""
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
