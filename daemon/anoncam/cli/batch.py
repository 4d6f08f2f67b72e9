"""The files of one call of ``anoncam anonymize``: their outputs and their results."""

import os
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.cli.interrupts import stop_on_signals
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
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.recording.picture_writer import is_picture_name
from anoncam.recording.video_writer import is_video_name
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
    child: ChildProcess,
    inputs: tuple[Path, ...],
    output: Path,
    config_file: Path | None,
    keep_audio: bool,
    force: bool,
    as_json: bool,
    rate: Fraction | None = None,
) -> int:
    """Anonymize all inputs and report each; the exit code of the first error, or 0.

    `child` is the detector's process, which loads the configured model here.

    Raises:
        StorageError: two inputs have the same output, or one is its own; nothing is written.
    """
    locked_memory.seal()
    config = load(config_file, os.environ)
    targets = _targets(inputs, output)
    stop, counters = stop_on_signals(), Counters()
    unused_child = [child]

    def make() -> DetectorProcess:
        return DetectorProcess(
            config.detector,
            config.coverage.least_score,
            unused_child.pop() if unused_child else None,
        )

    inference = InferenceStage(make, counters=counters, max_failures=MAX_FAILURES)
    inference.start()
    try:
        work = Work(
            config,
            Anonymizer(config.anonymizer),
            inference,
            counters,
            SystemClock(),
            stop,
            keep_audio,
            force,
        )
        results: list[_Result] = []
        first_error: AnoncamError | None = None
        for source, target in zip(inputs, targets, strict=True):
            result, error = _anonymize_one(source, target, work, rate)
            results.append(result)
            first_error = first_error or error
            if not as_json:
                _report(result)
            if isinstance(error, StoppedError | DetectorError):
                break
    finally:
        inference.close()
    if as_json:
        show_json([asdict(result) for result in results])
    return 0 if first_error is None else first_error.exit_code


def _targets(inputs: tuple[Path, ...], output: Path) -> list[Path]:
    """The output of each input.

    Raises:
        StorageError: two inputs have the same output, or one is its own.
    """
    if len(inputs) == 1 and not output.is_dir():
        targets = [output]
    else:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{output} cannot be made a folder: {error.strerror}") from error
        targets = [output / _name(source) for source in inputs]
    for number, target in enumerate(targets):
        if target in targets[:number]:
            raise StorageError(
                f"two inputs would be written to {target}", "rename one, or call once for each"
            )
        if target.resolve() == inputs[number].resolve():
            raise StorageError(f"{target} is the input itself", "choose another output")
    return targets


def _name(source: Path) -> str:
    return source.name if is_picture_name(source) or is_video_name(source) else f"{source.stem}.mp4"


def _anonymize_one(
    path: Path, target: Path, work: Work, rate: Fraction | None
) -> tuple[_Result, AnoncamError | None]:
    before = Counters(**vars(work.counters))
    failed: AnoncamError | None = None
    warnings: list[str] = []
    left_out = ""
    try:
        with (
            FileSource(
                path, paced=False, loop=False, clock=work.clock, stop=work.stop, rate=rate
            ) as source,
            Progress(path.name, source.frames) as progress,
        ):
            source.refuse_second_video()
            left_out = source.left_out(keep_audio=work.keep_audio)
            try:
                anonymize(source, target, work, progress.show)
            finally:
                warnings = source.warnings
    except AnoncamError as error:
        failed = error
    after = work.counters
    # A file that breaks off is written up to there. Any other failure leaves `target` as it was.
    written = failed is None or (
        isinstance(failed, InputError) and after.recorded > before.recorded
    )
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
