"""A copy of the chain that ends before the first segment that is not uploaded.

The beginning of a chain is a chain. So the remote holds no record of a segment that it lacks, and
`anoncam verify` is content with it at any time.
"""

from pathlib import Path

from anoncam.evidence import chain
from anoncam.evidence.records import Kind, parse
from anoncam.files.regular_file import open_regular
from anoncam.segments import segment_name


def copy_chain(recordings: Path, target: Path, through: int) -> list[str]:
    """Copy the records up to segment number `through` into the folder `target`.

    Returns:
        The names of the files that are there now.

    Raises:
        OSError: a folder cannot be read or written.
    """
    older = recordings / chain.NAMES[0]
    while True:
        before = _identity(older)
        written = _copy(recordings, target, through)
        # The daemon may have replaced the older file by the newer one meanwhile.
        if _identity(older) == before:
            return written


def _copy(recordings: Path, target: Path, through: int) -> list[str]:
    written = []
    ended = False
    for name in chain.NAMES:
        try:
            source = open_regular(recordings / name)
        except FileNotFoundError:
            continue
        written.append(name)
        with source, (target / name).open("wb") as copy:
            for line in source:
                # The daemon may be writing the last line.
                ended = ended or not line.endswith(b"\n") or _is_beyond(line, through)
                if ended:
                    break
                copy.write(line)
    return written


def _is_beyond(line: bytes, through: int) -> bool:
    """Whether the line is the record of a segment with a number above `through`."""
    record = parse(line)
    if record is None or record["kind"] not in (Kind.FINISHED, Kind.SALVAGED):
        return False
    segment = segment_name.parse(str(record.get("segment")))
    return segment is not None and segment.number > through


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino
