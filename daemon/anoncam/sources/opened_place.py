"""Opens a file in this process, wherever it is: to hash it, or to tell its kind."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from anoncam.sources.libav import open_file
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.ranged_file import RangedFile
from anoncam.stores.place import Place


@contextmanager
def opened(place: Place) -> Iterator[OpenFile]:
    """Have a file open.

    Raises:
        InputError: there is none, or it is empty.
        StoreError: it is in a store, which refuses or cannot be reached.
    """
    if isinstance(place, Path):
        with open_file.opened(place) as media:
            yield media
    else:
        with closing(place.open()) as reader:
            yield RangedFile(place, reader.size, reader.read)
