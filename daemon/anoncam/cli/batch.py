"""The files of one call of ``anoncam anonymize``: their outputs and their results."""

import errno
import os
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.cli.batch_plan import plan
from anoncam.cli.interrupts import FileStops
from anoncam.cli.media_files import UNREAD
from anoncam.cli.output import show, show_error, show_json
from anoncam.cli.progress import Progress
from anoncam.clock import SystemClock
from anoncam.config.load import load
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import AnoncamError, DetectorError, InputError, StoppedError, StorageError
from anoncam.frames import locked_memory
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.memory_need import refuse_large
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.review.reviewing import CoverageOptions, Reviewing
from anoncam.sources.file import FileSource

MAX_FAILURES = 3
"""Failures of the detector in a row after which it is not started again."""


@dataclass(frozen=True)
class _Result:
    """The result for one input; `output` is None if nothing was written."""

    input: str
    output: str | None
    frames: int
    faces_covered: int
    veiled: int
    left_out: str
    warnings: list[str]
    error: str | None


def anonymize_files(
    child: ChildProcess | None,
    inputs: tuple[Path, ...],
    output: Path,
    config_file: Path | None,
    keep_audio: bool,
    force: bool,
    as_json: bool,
    coverage: CoverageOptions,
    rate: Fraction | None = None,
) -> int:
    """Anonymize all inputs and report each; the exit code of the first error, or 0.

    `child` is the detector's process, which loads the configured model here; None where nothing is
    to be detected.

    Raises:
        InputError: an input is a folder without files; nothing is written.
        StorageError: two inputs have the same output, or one is its own; nothing is written.
        CoverageFileError: the coverage to apply cannot be used.
    """
    locked_memory.seal()
    config = load(config_file, os.environ)
    jobs = plan(inputs, output)
    if (coverage.apply or coverage.write) and len(jobs.files) > 1:
        raise InputError("a coverage file is that of one input", "call once for each")
    _check_names(coverage, tuple(path for job in jobs.files for path in job))
    reviewing = Reviewing(coverage, config.anonymizer, force=force)
    stops, counters = FileStops(), Counters()
    unused_child = [child]

    def make() -> DetectorProcess:
        return DetectorProcess(
            config.detector,
            config.coverage.least_score,
            unused_child.pop() if unused_child else None,
        )

    inference = None
    if child is not None:
        inference = InferenceStage(make, counters=counters, max_failures=MAX_FAILURES)
        inference.start()
    try:
        work = Work(
            config,
            Anonymizer(reviewing.settings),
            inference,
            counters,
            SystemClock(),
            stops.next(),
            keep_audio,
            force,
            reviewing.decide,
            reviewing.watch,
        )
        results: list[_Result] = []
        first_error: AnoncamError | None = None
        for source, target in jobs.files:
            one = replace(work, stop=stops.next())
            result, error = _anonymize_one(source, target, one, reviewing, rate)
            results.append(result)
            first_error = first_error or error
            if not as_json:
                _report(result)
            if isinstance(error, StoppedError | DetectorError):
                break
    finally:
        if inference is not None:
            inference.close()
    left = [(path, "the command ended before it") for path, _ in jobs.files[len(results) :]]
    results += [_refused(path, why) for path, why in [*left, *jobs.unread]]
    if as_json:
        show_json([asdict(result) for result in results])
    elif len(results) > 1:
        show(*_summary(results))
    if first_error is not None:
        return first_error.exit_code
    return UNREAD if jobs.unread else 0


def _refused(path: Path, why: str) -> _Result:
    return _Result(str(path), None, 0, 0, 0, "", [], why)


def _summary(results: list[_Result]) -> list[str]:
    """A table of all files, with the reason for each that was refused."""
    lines = ["", "RESULT   FILE"]
    for result in results:
        state = "refused" if result.output is None else "broken" if result.error else "done"
        why = "" if result.error is None else f": {result.error}"
        lines.append(f"{state:<8} {result.input}{why}")
    refused = sum(result.output is None for result in results)
    broken = sum(result.output is not None and result.error is not None for result in results)
    done = len(results) - refused - broken
    lines.append(f"{done} done, {broken} written up to where they break off, {refused} refused")
    return lines


def _check_names(coverage: CoverageOptions, others: tuple[Path, ...]) -> None:
    read = () if coverage.apply is None else (coverage.apply,)
    for other in (*others, *read):
        if coverage.write is not None and coverage.write.resolve() == other.resolve():
            raise StorageError(
                f"the coverage would be written to {other} itself", "choose another name"
            )


def _anonymize_one(
    path: Path, target: Path, work: Work, reviewing: Reviewing, rate: Fraction | None
) -> tuple[_Result, AnoncamError | None]:
    before = Counters(**vars(work.counters))
    failed: AnoncamError | None = None
    warnings: list[str] = []
    left_out = ""
    try:
        with (
            FileSource(
                path,
                paced=False,
                loop=False,
                clock=work.clock,
                stop=work.stop,
                rate=rate,
                limits=work.config.files,
            ) as source,
            Progress(path.name, source.frames) as progress,
        ):
            source.refuse_second_video()
            refuse_large(source, work.config)
            left_out = source.left_out(keep_audio=work.keep_audio)
            reviewing.begin(path, source.format)
            try:
                anonymize(source, target, work, progress.show)
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
    result = _Result(
        str(path),
        str(target) if written else None,
        after.recorded - before.recorded,
        after.faces_covered - before.faces_covered,
        after.veiled - before.veiled,
        left_out,
        warnings,
        None if failed is None else str(failed),
    )
    return result, failed


def _report(result: _Result) -> None:
    for warning in result.warnings:
        show_error(f"anoncam: warning: {warning}")
    if result.output is not None:
        counted = f"{result.faces_covered} faces covered, {result.veiled} veiled"
        show(f"{result.output}: {result.frames} frames, {counted}")
        if result.left_out:
            show(f"{result.output}: left out: {result.left_out}")
    if result.error is not None:
        show_error(f"anoncam: {result.error}")
