"""The search of everything that one file holds: its footage and all pictures beside it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anoncam.audit.looking_process import look_for_further_pictures
from anoncam.audit.search import Search, Searched, search
from anoncam.clock import Stop
from anoncam.errors import InputError

_DEEPEST = 3
"""How deep files within files are searched."""


@dataclass(frozen=True)
class WholeSearch:
    """The results for the footage and for each further picture, and what nobody has looked at."""

    searched: list[Searched]
    unseen: list[str]


def search_whole(
    file: Path,
    how: Search,
    stop: Stop,
    show: Callable[[int], None],
    label: str = "",
    depth: int = 0,
) -> WholeSearch:
    """Search the footage of `file`, and all pictures that it holds besides.

    `show` is called with the number of frames done; `label` is what the file is called in results.

    Raises:
        InputError: the footage cannot be read to its end.
        DetectorError: the detector does not answer.
    """
    label = label or str(file)
    further = look_for_further_pictures(file, how.limits)
    result = WholeSearch(
        [search(file, how, stop, show, label=Path(label))],
        [f"{label}: {what}" for what in further.unseen],
    )
    for index in further.streams:
        name = f"{label} (stream {index})"
        try:
            result.searched.append(search(file, how, stop, show, label=Path(name), stream=index))
        except InputError as error:
            result.unseen.append(f"{name}: {error}")
    for embedded, content in further.files:
        name = f"{label} ({embedded.kind} at byte {embedded.start})"
        if depth == _DEEPEST:
            result.unseen.append(f"{name}: too many files within files")
            continue
        try:
            with _as_file(content) as part:
                inner = search_whole(part, how, stop, show, name, depth + 1)
        except InputError as error:
            result.unseen.append(f"{name}: {str(error).replace(_NAMELESS, 'it')}")
        else:
            result.searched.extend(inner.searched)
            result.unseen.extend(inner.unseen)
    return result


_NAMELESS = "/proc/self/fd/"


@contextmanager
def _as_file(content: bytes) -> Iterator[Path]:
    """A file in memory: clear pictures are not written to a disk."""
    descriptor = os.memfd_create("picture")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield Path(f"{_NAMELESS}{descriptor}")
    finally:
        os.close(descriptor)
