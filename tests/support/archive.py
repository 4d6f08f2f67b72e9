"""Files of a run, for tests of the work on archives."""

from fractions import Fraction
from pathlib import Path

from anoncam.archive.chunk_plan import Chunk, LongFile
from anoncam.archive.task import FileWork, Opened, RunSettings
from anoncam.archive.work_folder import Identity
from anoncam.config.schema import Config
from anoncam.frames.chunk import CHUNK
from anoncam.frames.frame import tight

IDENTITY = Identity(100, "0" * 64, "settings")


def settings(config: Config | None = None, *, force: bool = False) -> RunSettings:
    """The settings of a run."""
    return RunSettings(config or Config(), keep_audio=False, force=force, rate=None, digest="s")


def file_work(folder: Path, source: Path | None = None) -> FileWork:
    """The first file of a run in `folder`."""
    given = source or folder / "in.mp4"
    return FileWork(0, given, folder / "out.mp4", folder / "work", settings())


def opened(chunks: int = 0, **known: object) -> Opened:
    """An open file of that many chunks with 10 frames each; a short one if there are none."""
    long = LongFile(
        tight(64, 48),
        Fraction(1, 1000),
        0,
        tuple(Chunk(each, each * CHUNK, (each + 1) * CHUNK, 10) for each in range(chunks)),
    )
    fields = {"frames": 10 * max(chunks, 1), "long": long if chunks else None, **known}
    return Opened(IDENTITY, **fields)  # type: ignore[arg-type]
