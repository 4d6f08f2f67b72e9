"""Reads ranges of a file in a store, into memory alone."""

import contextlib

from anoncam.errors import InputError, UnreachableError
from anoncam.stores.file_system import file_system, missing, store_errors


class RemoteReader:
    """Reads ranges of a file in a store; nothing of it is kept. `size` is in bytes.

    >>> with contextlib.closing(RemoteReader("s3://footage/garden.mp4")) as reader:
    ...     head = reader.read(0, 4096)

    Raises:
        InputError: there is no such file, or it is empty.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        found, path = file_system(url)
        found.invalidate_cache()
        with missing(url), store_errors(url):
            self._handle = found.open(path, "rb", cache_type="none")
            self.size = int(found.info(path)["size"] or 0)
        if not self.size:
            self.close()
            raise InputError(f"{url} is empty")

    def read(self, place: int, count: int) -> bytes:
        """Read `count` bytes from `place` on; fewer at the end of the file.

        Raises:
            UnreachableError: the store does not answer, or gives less or more than is asked.
        """
        wanted = max(0, min(count, self.size - place))
        data = bytearray()
        try:
            with store_errors(self._url):
                self._handle.seek(place)
                while len(data) < wanted and (more := self._handle.read(wanted - len(data))):
                    data += more
        except FileNotFoundError as error:
            raise UnreachableError(f"{self._url} was deleted while it was read") from error
        if len(data) < wanted:
            raise UnreachableError(f"{self._url} was cut short while it was read")
        if len(data) > wanted:
            raise UnreachableError(f"the store of {self._url} gave more than was asked of it")
        return bytes(data)

    def close(self) -> None:
        """Close it; idempotent."""
        with contextlib.suppress(Exception):
            self._handle.close()
