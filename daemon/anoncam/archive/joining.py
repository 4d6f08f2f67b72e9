"""Joins the parts of a file without encoding them again, with its sound if that is wished."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import av
from av.video.stream import VideoStream

from anoncam.archive.at_hand import to_read
from anoncam.archive.chunk_plan import LongFile
from anoncam.clock import Stop
from anoncam.config.schema import FilesSettings
from anoncam.errors import StoppedError
from anoncam.recording.video_writer import PART_FORMAT, VideoWriter
from anoncam.recording.whole_file import storage_errors
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.timestamps import nanoseconds
from anoncam.stores.place import Place


def join(
    path: Place,
    file: LongFile,
    parts: Sequence[Place],
    target: Path,
    *,
    last_duration: int,
    keep_audio: bool,
    force: bool,
    limits: FilesSettings,
    stop: Stop,
) -> None:
    """Write `parts`, of the file `path`, one after the other to `target`.

    `last_duration` is how long the last frame is shown (nanoseconds; 0 if unknown).

    Raises:
        InputError: the sound cannot be read.
        StorageError: a part cannot be read, or `target` cannot be written; nothing is left of it.
        StoppedError: the stop was requested; nothing is left of `target`.
    """
    with ExitStack() as stack:
        start, audio = file.start, None
        if keep_audio:
            audio = stack.enter_context(AudioTrack(path, limits=limits, stop=stop))
            if audio.first is not None:
                start = audio.start = min(start, audio.first)
        writer = stack.enter_context(
            VideoWriter(target, file.format, file.time_base, start=start, force=force)
        )
        if audio is not None and audio.format is not None:
            writer.add_audio(audio.format)
        # Parts count from the first frame, the file from the first of frame and sound.
        shift = round((file.start - start) / (10**9 * file.time_base))
        packets = _packets(parts)
        packet = next(packets, None)
        while packet is not None and not stop.requested:
            following = next(packets, None)
            packet.pts = round((packet.pts or 0) * packet.time_base / file.time_base) + shift
            packet.dts, packet.time_base = packet.pts, file.time_base
            writer.copy(packet, last_duration if following is None else 0)
            if audio is not None and audio.format is not None:
                shown = nanoseconds(packet.pts, file.time_base) + start
                for sound in audio.until(None if following is None else shown):
                    writer.mux_audio(sound)
            packet = following
        if stop.requested:
            # Who has asked for it may be gone, and nobody would note that the output is ours.
            raise StoppedError("stopped")
        writer.commit()


def _packets(parts: Sequence[Place]) -> "Iterator[av.Packet[VideoStream]]":
    for part in parts:
        with (
            to_read(part) as local,
            storage_errors(local),
            av.open(str(local), format=PART_FORMAT) as container,
        ):
            for packet in container.demux(container.streams.video[0]):
                if packet.size:
                    yield packet
