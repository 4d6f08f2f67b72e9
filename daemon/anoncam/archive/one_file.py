"""One file from its opening to its result, in this process."""

import errno
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.archive.doubts import Doubt, Doubts
from anoncam.clock import Clock, Stop
from anoncam.config.schema import Config
from anoncam.errors import AnoncamError, InputError, StoppedError, StorageError
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.memory_need import refuse_large
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.review.reviewing import Reviewing
from anoncam.sources.file import FileSource
from anoncam.stores.place import Place


@dataclass(frozen=True)
class FileResult:
    """The result for one input; `output` is None if nothing was written.

    `faces_covered` counts boxes in frames, `seconds` what the work took. `doubtful` are the tracks
    that a person should look at first. What is `unfinished` goes on by the same command.
    """

    input: str
    output: str | None
    frames: int = 0
    faces_covered: int = 0
    veiled: int = 0
    left_out: str = ""
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    seconds: float = 0.0
    doubtful: list[Doubt] = field(default_factory=list)
    unfinished: bool = False


def refused(path: Place, why: str) -> FileResult:
    """The result for an input that was not read."""
    return FileResult(str(path), None, error=why)


Showing = Callable[[FileSource], AbstractContextManager[Callable[[int], None]]]
"""Shows the progress of an open file, as the number of its frames that are done."""


def open_file(
    path: Place, config: Config, clock: Clock, stop: Stop, rate: Fraction | None
) -> FileSource:
    """Open a file to anonymize it; `rate` is that of a raw stream.

    Raises:
        InputError: it cannot be read.
        StoreError: it is in a store, which refuses or cannot be reached.
    """
    return FileSource(
        path,
        paced=False,
        loop=False,
        clock=clock,
        stop=stop,
        rate=rate,
        limits=config.files,
    )


def anonymize_one(
    path: Place,
    target: Path,
    work: Work,
    reviewing: Reviewing,
    rate: Fraction | None,
    showing: Showing,
) -> tuple[FileResult, AnoncamError | None]:
    """Anonymize one file; the result, and the error if there was one."""
    before, begun = Counters(**vars(work.counters)), time.monotonic()
    failed: AnoncamError | None = None
    warnings: list[str] = []
    left_out, doubts = "", Doubts(0)
    try:
        with (
            open_file(path, work.config, work.clock, work.stop, rate) as source,
            showing(source) as show,
        ):
            source.refuse_second_video()
            refuse_large(source, work.config)
            left_out = source.left_out(keep_audio=work.keep_audio)
            if isinstance(path, Path):
                # Coverage files are those of files of this machine.
                reviewing.begin(path, source.format)
            doubts = Doubts(source.start)
            try:
                anonymize(source, target, _watched(work, doubts), show)
            finally:
                warnings = source.warnings
    except AnoncamError as error:
        failed = error
    except MemoryError:
        failed = InputError(f"there is not enough memory for {path}", "scale it down first")
    except OSError as error:
        if error.errno not in {errno.ENOMEM, errno.EAGAIN}:
            failed = StorageError(f"{target} cannot be written: {error.strerror}")
        else:
            failed = InputError(f"there is not enough memory for {path}", "scale it down first")
    after = work.counters
    # A file that breaks off is written up to there. Any other failure leaves `target` as it was.
    written = failed is None or (
        isinstance(failed, InputError) and after.recorded > before.recorded
    )
    if written:
        try:
            reviewing.finish()
        except AnoncamError as error:
            failed = failed or error
    result = FileResult(
        str(path),
        str(target) if written else None,
        after.recorded - before.recorded,
        after.faces_covered - before.faces_covered,
        after.veiled - before.veiled,
        left_out,
        warnings,
        None if failed is None else str(failed),
        round(time.monotonic() - begun, 3),
        doubts.lowest() if written else [],
        isinstance(failed, StoppedError),
    )
    return result, failed


def _watched(work: Work, doubts: Doubts) -> Work:
    also = work.watch

    def watch(frame: AnonymizedFrame) -> None:
        doubts.add(frame.timestamp, frame.coverage)
        if also is not None:
            also(frame)

    return replace(work, watch=watch)
