"""Many files of one call of ``anoncam anonymize``, or a long one: in processes side by side."""

import os
from contextlib import closing
from fractions import Fraction
from pathlib import Path

from anoncam.archive.digest import file_config, settings_digest
from anoncam.archive.engine import Engine
from anoncam.archive.local_engine import LocalEngine
from anoncam.archive.manifest import NAME, Manifest, alone_in
from anoncam.archive.memory import available_memory, largest_need
from anoncam.archive.one_file import FileResult, refused
from anoncam.archive.report import write_report
from anoncam.archive.run import run
from anoncam.archive.task import RunSettings
from anoncam.cli.archive_progress import ArchiveProgress
from anoncam.cli.batch_plan import Plan
from anoncam.cli.interrupts import stop_on_signals
from anoncam.cli.media_files import BESIDE, UNREAD
from anoncam.cli.output import show, show_error
from anoncam.cli.results import report_all, report_one
from anoncam.config.schema import Config
from anoncam.stores.place import Place, real, whole


def run_folder(output: Place) -> Place:
    """Where the manifest, the report and the work on long files are: beside the output."""
    return output.with_name(f"{output.name}{BESIDE}")


def anonymize_many(
    plan: Plan,
    output: Place,
    config: Config,
    *,
    keep_audio: bool,
    force: bool,
    as_json: bool,
    rate: Fraction | None,
    jobs: int | None,
    scheduler: str | None,
) -> int:
    """Anonymize all files of the plan and report each; the exit code of the first bad one, or 0.

    `jobs` are processes side by side (None: one for each core); with the address of a `scheduler`,
    its workers take their place.

    Raises:
        RunningError: another run writes to the same output.
        NotRunningError: there is no scheduler.
        ModelError: the configured model cannot be used.
        StorageError: the manifest or the report cannot be written.
        StoreError: a store refuses, or cannot be reached.
    """
    digest = settings_digest(config, keep_audio=keep_audio, rate=rate)
    settings = RunSettings(file_config(config), keep_audio, force, rate, digest)
    folder = run_folder(real(output))
    with alone_in(folder):
        stop = stop_on_signals()
        start = _scheduled(scheduler) if scheduler else _local_engine(plan, config, jobs)
        with closing(start) as engine, closing(ArchiveProgress()) as progress:
            results, code = run(
                [(whole(path), real(target)) for path, target in plan.files],
                folder,
                settings,
                engine,
                stop,
                progress.show,
                (lambda _result: None) if as_json else report_one,
            )
        results += [refused(path, why) for path, why in plan.unread]
        _leave(folder, results, code, as_json=as_json)
    report_all(results, as_json=as_json)
    return code or (UNREAD if plan.unread else 0)


def _local_engine(plan: Plan, config: Config, jobs: int | None) -> Engine:
    wished = jobs or os.cpu_count() or 1
    need, available = largest_need((path for path, _ in plan.files), config), available_memory()
    count = wished
    if need and available is not None:
        count = max(1, min(wished, available // need))
    fewer = "" if count == wished else f", fewer than {wished}: there is no memory for more"
    what = "1 job" if count == 1 else f"{count} jobs side by side"
    show_error(f"{what}, each with up to {need / 1e6:.0f} MB of memory{fewer}")
    return LocalEngine(count)


def _scheduled(address: str) -> Engine:
    # Dask takes half a second to import.
    from anoncam.archive.dask_engine import DaskEngine  # noqa: PLC0415

    engine = DaskEngine(address)
    show_error(f"{engine.workers} workers at {address}")
    return engine


def _leave(folder: Place, results: list[FileResult], code: int, *, as_json: bool) -> None:
    """Write the report; a single file leaves nothing once it is done, unless others are known."""
    if len(results) > 1:
        table, _ = write_report(results, folder)
        if not as_json:
            show(f"report: {table} and .json")
    elif not code and _has_one_file(folder):
        Manifest(folder).remove()


def _has_one_file(folder: Place) -> bool:
    """Whether nothing is known there of other files, which other runs have written beside it."""
    if isinstance(folder, Path) and [path.name for path in folder.iterdir()] != [NAME]:
        return False
    return len(Manifest(folder).entries) == 1
