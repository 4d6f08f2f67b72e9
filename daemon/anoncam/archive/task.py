"""The tasks that the work on files is cut into, and what comes of them: all of it can be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from anoncam.archive.chunk_plan import LongFile
from anoncam.archive.manifest import Entry, Stamp
from anoncam.archive.one_file import FileResult
from anoncam.archive.work_folder import Identity
from anoncam.config.schema import Config
from anoncam.stores.place import Place


class Stage(StrEnum):
    """What is done in a task, in the order of a long file; a short one is opened and done whole."""

    OPEN = "open"
    WHOLE = "whole"
    DETECT = "detect"
    TRACK = "track"
    COVER = "cover"
    JOIN = "join"


@dataclass(frozen=True)
class RunSettings:
    """What all files of a run share; `digest` is a hash of all that changes the output."""

    config: Config
    keep_audio: bool
    force: bool
    rate: Fraction | None
    digest: str


@dataclass(frozen=True)
class FileWork:
    """One file: `folder` is for its work, `known` what the manifest says of its target."""

    number: int
    source: Place
    target: Place
    folder: Place
    settings: RunSettings
    known: Entry | None = None


@dataclass(frozen=True)
class Task:
    """One stage of one file; `chunk` is set where it is of one chunk."""

    stage: Stage
    file: FileWork
    opened: "Opened | None" = None
    chunk: int = 0

    @property
    def long(self) -> LongFile:
        """The long file that it is a part of the work on."""
        assert self.opened is not None  # noqa: S101 - only open files have chunks
        assert self.opened.long is not None  # noqa: S101 - only long files have chunks
        return self.opened.long


@dataclass(frozen=True)
class Opened:
    """What is known of a file before the work: `long` if it is to be worked on in chunks.

    `result` is there if the manifest has it already. `seen` and `parts` number the chunks that are
    done.
    """

    identity: Identity
    stamp: Stamp | None = None
    left_out: str = ""
    warnings: tuple[str, ...] = ()
    frames: int | None = None
    long: LongFile | None = None
    result: FileResult | None = None
    exit_code: int = 0
    seen: frozenset[int] = frozenset()
    parts: frozenset[int] = frozenset()
    is_tracked: bool = False


@dataclass(frozen=True)
class Finished:
    """A file is done; `entry` is for the manifest, if something was written."""

    result: FileResult
    exit_code: int
    entry: Entry | None


@dataclass(frozen=True)
class ChunkDone:
    """A chunk is done, or the tracking pass."""

    seconds: float
    counts: Mapping[str, int] | None = None


Outcome = Opened | Finished | ChunkDone


@dataclass(frozen=True)
class Failure:
    """Why a task gave no outcome. An input may still be read as a whole; a crash may not repeat."""

    text: str
    exit_code: int
    is_input: bool = False
    may_pass: bool = False
