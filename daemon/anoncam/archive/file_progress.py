"""How far one file is: which tasks follow from what has happened."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from anoncam.archive.engine import Event
from anoncam.archive.manifest import Entry
from anoncam.archive.one_file import FileResult, refused
from anoncam.archive.task import (
    ChunkDone,
    Failure,
    FileWork,
    Finished,
    Opened,
    Stage,
    Task,
)
from anoncam.archive.work_folder import WorkFolder
from anoncam.errors import DetectorError

TRIES = 3
"""How often a task is tried whose failure may pass; then its file is set aside."""


@dataclass
class FileProgress:
    """The state of one file. `result` is there when it is over, with its `exit_code`.

    `size` is that of the input in bytes. `entry` is for the manifest, once the output is written.
    What `is_fatal` would happen to all other files, too.
    """

    file: FileWork
    size: int
    result: FileResult | None = None
    exit_code: int = 0
    entry: Entry | None = None
    is_fatal: bool = False
    _opened: Opened | None = None
    _waiting: set[int] = field(default_factory=set)
    _frames: dict[tuple[Stage, int], int] = field(default_factory=dict)
    _tries: dict[tuple[Stage, int], int] = field(default_factory=dict)
    _seconds: float = 0.0
    _is_whole: bool = False

    @property
    def first_task(self) -> Task:
        """The task that begins the work."""
        return Task(Stage.OPEN, self.file)

    @property
    def bytes_done(self) -> int:
        """Bytes of the input that are done, as far as frames can tell."""
        if self.result is not None:
            return self.size
        if self._opened is None or not self._opened.frames:
            return 0
        passes = 1 if self._is_whole or self._opened.long is None else 2
        done = sum(self._frames.values())
        return min(self.size, self.size * done // (passes * self._opened.frames))

    def follow(self, event: Event, drop: Callable[[int], None]) -> list[Task]:
        """Take in what has happened; the tasks that can be done now."""
        task = event.task
        if self._is_whole and task.stage is not Stage.WHOLE:
            # The file is worked on as a whole meanwhile.
            return []
        key = task.stage, task.chunk
        if event.failure is not None:
            return self._fail(task, event.failure, drop)
        if event.outcome is None:
            self._frames[key] = event.frames
            return []
        match event.outcome:
            case Opened() as opened:
                return self._begin(opened)
            case Finished() as finished:
                self._finish(finished)
                return []
            case ChunkDone() as done:
                self._seconds += done.seconds
                return self._go_on(task)

    def _begin(self, opened: Opened) -> list[Task]:
        self._opened = opened
        if opened.result is not None:
            self._end(opened.result, opened.exit_code)
            return []
        if opened.long is None:
            return [Task(Stage.WHOLE, self.file, opened)]
        for chunk in opened.long.chunks:
            for stage, done in ((Stage.DETECT, opened.seen), (Stage.COVER, opened.parts)):
                if chunk.number in done:
                    self._frames[stage, chunk.number] = chunk.frames
        if opened.is_tracked:
            return self._cover(opened)
        return self._each(Stage.DETECT, opened, opened.seen) or [self._one(Stage.TRACK)]

    def _go_on(self, task: Task) -> list[Task]:
        assert self._opened is not None  # noqa: S101 - its chunks are in work
        self._waiting.discard(task.chunk)
        if task.stage is Stage.TRACK:
            return self._cover(self._opened)
        self._frames[task.stage, task.chunk] = task.long.chunks[task.chunk].frames
        if self._waiting:
            return []
        return [self._one(Stage.TRACK if task.stage is Stage.DETECT else Stage.JOIN)]

    def _cover(self, opened: Opened) -> list[Task]:
        return self._each(Stage.COVER, opened, opened.parts) or [self._one(Stage.JOIN)]

    def _each(self, stage: Stage, opened: Opened, done: frozenset[int]) -> list[Task]:
        assert opened.long is not None  # noqa: S101 - only long files have chunks
        self._waiting = {chunk.number for chunk in opened.long.chunks} - done
        return [Task(stage, self.file, opened, number) for number in sorted(self._waiting)]

    def _one(self, stage: Stage) -> Task:
        return Task(stage, self.file, self._opened)

    def _fail(self, task: Task, failure: Failure, drop: Callable[[int], None]) -> list[Task]:
        key = task.stage, task.chunk
        self._tries[key] = self._tries.get(key, 0) + 1
        if failure.may_pass and self._tries[key] < TRIES:
            return [task]
        drop(self.file.number)
        if failure.is_input and task.stage not in (Stage.OPEN, Stage.WHOLE):
            # What only a look at the whole file can tell, or what is broken, is told there.
            self._is_whole, self._frames = True, {}
            WorkFolder(self.file.folder).remove()
            return [Task(Stage.WHOLE, self.file, self._opened)]
        self.is_fatal = failure.exit_code == DetectorError.exit_code and not failure.may_pass
        tried = f" (set aside after {TRIES} tries)" if failure.may_pass else ""
        self._end(refused(self.file.source, failure.text + tried), failure.exit_code)
        return []

    def _finish(self, finished: Finished) -> None:
        """Take the result, with the seconds of all chunks."""
        seconds = round(finished.result.seconds + self._seconds, 3)
        result = replace(finished.result, seconds=seconds)
        if finished.entry is not None:
            self.entry = replace(finished.entry, result=result)
        self._end(result, finished.exit_code)

    def _end(self, result: FileResult, exit_code: int) -> None:
        self.result, self.exit_code = result, exit_code
