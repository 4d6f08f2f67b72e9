"""Runs the work on many files to its end, on whatever engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anoncam.archive.engine import Engine
from anoncam.archive.file_progress import FileProgress
from anoncam.archive.manifest import Manifest, Stamp, place_name
from anoncam.archive.one_file import FileResult
from anoncam.archive.task import FileWork, RunSettings
from anoncam.archive.work_folder import WorkFolder
from anoncam.clock import Stop
from anoncam.errors import StoppedError
from anoncam.stores.place import Place

_WAIT = 0.2
"""Seconds from one report of the progress to the next."""

ENDED = "the command ended before it"


@dataclass(frozen=True)
class Standing:
    """How far a run is: bytes of the inputs, and files."""

    bytes_done: int
    bytes_all: int
    files_done: int
    files_failed: int
    files_all: int


def run(
    files: Sequence[tuple[Place, Place]],
    folder: Place,
    settings: RunSettings,
    engine: Engine,
    stop: Stop,
    show: Callable[[Standing], None],
    report: Callable[[FileResult], None],
) -> tuple[list[FileResult], int]:
    """Anonymize `files`, each from its input to its output; the results in order, and an exit code.

    `folder` has the manifest and the work on long files. What it has already is not done again.
    `show` is called now and then, `report` once for each file. The exit code is that of the first
    bad file, or 0. After a stop, or if there is no detector, all that is whole stays, and the same
    call goes on from there.

    Raises:
        StorageError: the manifest cannot be read or written.
        StoreError: a store refuses, or cannot be reached.
    """
    manifest = Manifest(folder)
    states = []
    for number, (source, target) in enumerate(files):
        known = manifest.entries.get(str(target))
        place = folder / place_name(str(target))
        work = FileWork(number, source, target, place, settings, known)
        stamp = Stamp.of(source)
        states.append(FileProgress(work, 0 if stamp is None else stamp.size))
    for state in states:
        engine.submit(state.first_task)
    left, first_code, is_stopping = len(states), 0, False
    while left and not (is_stopping and engine.is_idle):
        if (stop.requested or any(state.is_fatal for state in states)) and not is_stopping:
            is_stopping = True
            engine.stop()
        for event in engine.wait(_WAIT):
            state = states[event.task.file.number]
            if state.result is not None:
                continue
            for task in state.follow(event, engine.drop):
                engine.submit(task)
            if state.entry is not None:
                manifest.add(state.entry)
                WorkFolder(state.file.folder).remove()
            if state.result is not None and state.exit_code != StoppedError.exit_code:
                left -= 1
                first_code = first_code or state.exit_code
                report(state.result)
        show(_standing(states))
    results = [
        FileResult(str(state.file.source), None, error=ENDED, unfinished=True)
        if state.result is None or state.exit_code == StoppedError.exit_code
        else state.result
        for state in states
    ]
    return results, StoppedError.exit_code if stop.requested and left else first_code


def _standing(states: Sequence[FileProgress]) -> Standing:
    over = [state for state in states if state.result is not None]
    return Standing(
        sum(state.bytes_done for state in states),
        sum(state.size for state in states),
        sum(not state.exit_code for state in over),
        sum(bool(state.exit_code) for state in over),
        len(states),
    )
