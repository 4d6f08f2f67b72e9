"""Anonymize one file: a video or a picture in, the same without faces out."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Clock, Stop
from anoncam.config.schema import Config, PictureCoverage
from anoncam.errors import InputError, StoppedError
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import Pipeline
from anoncam.pipeline.record import Decide, as_tracked
from anoncam.recording.picture_writer import PictureWriter
from anoncam.recording.recorder import Recorder
from anoncam.recording.video_writer import VideoWriter
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.file import FileSource
from anoncam.sources.libav.transparency import BACKGROUND

SHOW_INTERVAL = 0.2
"""Seconds from one report of the progress to the next."""


@dataclass(frozen=True)
class Work:
    """What the files of one command share, one detector among it.

    Without `inference`, `decide` alone says what is covered. `watch` sees each frame that has been
    recorded.
    """

    config: Config
    anonymizer: Anonymizer
    inference: InferenceStage | None
    counters: Counters
    clock: Clock
    stop: Stop
    keep_audio: bool
    force: bool
    decide: Decide = as_tracked
    watch: Callable[[AnonymizedFrame], None] | None = None


def anonymize(source: FileSource, target: Path, work: Work, show: Callable[[int], None]) -> None:
    """Write what `source` holds, anonymized, to `target`; it appears when it is complete.

    `show` gets the number of frames done, now and then.

    Raises:
        InputError: the file breaks off: what came before it is in `target`.
        StorageError: `target` cannot be written; nothing is left of it.
        DetectorError: the detector cannot be kept running; nothing is left.
        StoppedError: the stop was requested; nothing is left.
    """
    with ExitStack() as stack:
        writer: PictureWriter | VideoWriter
        recorder: Recorder
        if source.is_picture:
            # What a zone covers must not show in the alpha either.
            alpha = None if work.config.anonymizer.zones else source.alpha
            picture = PictureWriter(
                target,
                force=work.force,
                alpha=alpha,
                background=BACKGROUND,
                resolution=source.resolution,
            )
            writer = recorder = stack.enter_context(picture)
        else:
            audio = stack.enter_context(_open_sound(source, work)) if work.keep_audio else None
            start = source.start
            if audio is not None and audio.first is not None:
                # The copy begins where the first of both begins.
                start = audio.start = min(start, audio.first)
            writer = stack.enter_context(
                VideoWriter(
                    target,
                    source.format,
                    source.time_base,
                    start=start,
                    force=work.force,
                    last_duration=lambda: source.last_duration,
                )
            )
            recorder = writer if audio is None else _WithAudio(writer, audio)
        if work.watch is not None:
            recorder = _Watched(recorder, work.watch)
        broken = _run(source, recorder, work, show)
        if work.inference is not None and work.inference.failure is not None:
            raise work.inference.failure
        if work.stop.requested:
            raise StoppedError(f"stopped; {target} was not written")
        writer.commit()
        if broken is not None:
            raise InputError(f"{broken}; what came before is in {target}")


def _run(
    source: FileSource, recorder: Recorder, work: Work, show: Callable[[int], None]
) -> InputError | None:
    """Run the pipeline to its end; returns the error if the source broke off."""
    before = work.counters.recorded
    errors: list[BaseException] = []
    config = _for_a_picture(work.config) if source.is_picture else work.config
    pipeline = Pipeline(
        source,
        recorder,
        work.anonymizer,
        work.inference,
        config,
        work.counters,
        work.clock,
        work.stop,
        work.decide,
        1 if source.is_picture else None,
    )

    def run() -> None:
        try:
            pipeline.run()
        except BaseException as error:
            errors.append(error)

    # The main thread stays free for signals and the progress.
    thread = threading.Thread(target=run, name="pipeline")
    thread.start()
    while thread.is_alive():
        thread.join(SHOW_INTERVAL)
        show(work.counters.recorded - before)
    if errors and not (isinstance(errors[0], InputError) and work.counters.recorded > before):
        raise errors[0]
    return errors[0] if errors and isinstance(errors[0], InputError) else None


def _for_a_picture(config: Config) -> Config:
    single = config.coverage.single_threshold
    settings = config.coverage.model_dump() | {"start_threshold": single, "keep_threshold": single}
    return config.model_copy(update={"coverage": PictureCoverage(**settings)})


class _Watched:
    """A recorder whose frames `watch` sees, once they are recorded."""

    def __init__(self, recorder: Recorder, watch: Callable[[AnonymizedFrame], None]) -> None:
        self._recorder = recorder
        self._watch = watch

    def write(self, frame: AnonymizedFrame) -> None:
        self._recorder.write(frame)
        self._watch(frame)

    def finish(self) -> None:
        self._recorder.finish()


def _open_sound(source: FileSource, work: Work) -> AudioTrack:
    return AudioTrack(source.place, source.parts, source.time_base, source.limits, work.stop)


class _WithAudio:
    """A recorder that copies the input's sound between the frames."""

    def __init__(self, footage: VideoWriter, audio: AudioTrack) -> None:
        self._footage = footage
        self._audio = audio
        if audio.format is not None:
            footage.add_audio(audio.format)

    def write(self, frame: AnonymizedFrame) -> None:
        self._footage.write(frame)
        self._copy(frame.presentation)

    def finish(self) -> None:
        self._copy(None)
        self._footage.finish()

    def _copy(self, until: int | None) -> None:
        if self._audio.format is not None:
            for packet in self._audio.until(until):
                self._footage.mux_audio(packet)
