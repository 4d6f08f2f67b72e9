"""The files of one call of ``anoncam anonymize``: their outputs and their results."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.archive.chunk_plan import is_long
from anoncam.archive.host import MAX_FAILURES
from anoncam.archive.one_file import FileResult, anonymize_one, refused
from anoncam.cli.batch_plan import plan
from anoncam.cli.interrupts import stop_on_signals
from anoncam.cli.media_files import UNREAD
from anoncam.cli.progress import Progress
from anoncam.cli.results import report_all, report_one
from anoncam.clock import SystemClock
from anoncam.config.load import load
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import AnoncamError, InputError, StorageError
from anoncam.frames import locked_memory
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work
from anoncam.review.reviewing import CoverageOptions, Reviewing
from anoncam.sources.file import FileSource
from anoncam.stores.place import Place, real


def anonymize_files(
    child: ChildProcess | None,
    inputs: tuple[Place, ...],
    output: Place,
    config_file: Path | None,
    keep_audio: bool,
    force: bool,
    as_json: bool,
    coverage: CoverageOptions,
    rate: Fraction | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
) -> int:
    """Anonymize all inputs and report each; the exit code of the first error, or 0.

    `child` is the detector's process, which loads the configured model here; None where nothing is
    to be detected, or where each job has its own.

    Raises:
        InputError: an input is a folder without files; nothing is written.
        StorageError: two inputs have the same output, or one is its own; nothing is written.
        StoreError: a store refuses, or cannot be reached; nothing is written.
        CoverageFileError: the coverage to apply cannot be used.
    """
    locked_memory.seal()
    config = load(config_file, os.environ)
    files = plan(inputs, output)
    has_coverage = coverage.apply is not None or coverage.write is not None
    if has_coverage and len(files.files) > 1:
        raise InputError("a coverage file is that of one input", "call once for each")
    _check_names(coverage, tuple(path for file in files.files for path in file))
    local = [
        (source, target)
        for source, target in files.files
        if isinstance(source, Path) and isinstance(target, Path)
    ]
    stop, counters = stop_on_signals(), Counters()
    unused_child = [child]

    def make() -> DetectorProcess:
        return DetectorProcess(
            config.detector,
            config.coverage.least_score,
            unused_child.pop() if unused_child else None,
        )

    inference = None
    if child is not None or (has_coverage and (coverage.apply is None or coverage.detect)):
        # The detector loads its model while the file is opened.
        inference = InferenceStage(make, counters=counters, max_failures=MAX_FAILURES)
        inference.start()
    if not has_coverage and (child is None or is_long(local[0][0], config)):
        from anoncam.cli.archive_run import anonymize_many  # noqa: PLC0415

        if inference is not None:
            inference.close()
        return anonymize_many(
            files,
            output,
            config,
            keep_audio=keep_audio,
            force=force,
            as_json=as_json,
            rate=rate,
            jobs=jobs,
            scheduler=scheduler,
        )
    try:
        reviewing = Reviewing(coverage, config.anonymizer, force=force)
        work = Work(
            config,
            Anonymizer(reviewing.settings),
            inference,
            counters,
            SystemClock(),
            stop,
            keep_audio,
            force,
            reviewing.decide,
            reviewing.watch,
        )
        results: list[FileResult] = []
        failed: AnoncamError | None = None
        for source, target in local:
            result, failed = anonymize_one(source, target, work, reviewing, rate, _progress)
            results.append(result)
            if not as_json:
                report_one(result)
    finally:
        if inference is not None:
            inference.close()
    results += [refused(path, why) for path, why in files.unread]
    report_all(results, as_json=as_json)
    if failed is not None:
        return failed.exit_code
    return UNREAD if files.unread else 0


@contextmanager
def _progress(source: FileSource) -> Iterator[Callable[[int], None]]:
    with Progress(Path(source.description).name, source.frames) as progress:
        yield progress.show


def _check_names(coverage: CoverageOptions, others: tuple[Place, ...]) -> None:
    read = () if coverage.apply is None else (coverage.apply,)
    for other in (*others, *read):
        if coverage.write is not None and real(coverage.write) == real(other):
            raise StorageError(
                f"the coverage would be written to {other} itself", "choose another name"
            )
