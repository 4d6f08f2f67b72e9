"""A file or folder that a URL names, with the methods of a path that archives need."""

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from anoncam.errors import StoreError
from anoncam.stores.file_system import check_url, file_system, missing, store_errors
from anoncam.stores.remote_reader import RemoteReader

_APPEARS_WHOLE = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"}
"""Stores of objects: one is there when all of it has been sent, and not before."""

_CHANGES = (
    *("ETag", "etag", "md5Hash", "Content-MD5", "Digest", "mtime", "created"),
    *("LastModified", "Last-Modified", "last_modified", "modify", "modificationTime"),
)
"""What stores call a hash of the content, and when it was changed; not when it was read."""


@dataclass(frozen=True)
class RemoteFile:
    """A place in a store. It holds the URL alone, so it can be sent to other machines.

    >>> RemoteFile("s3://footage/archive") / "garden.mp4"
    RemoteFile(url='s3://footage/archive/garden.mp4')

    Every method that asks the store raises a StoreError: there is no permission or no such bucket,
    or something is missing here; or an UnreachableError, after which it may be tried again.

    Raises:
        StoreError: the URL has a password in it, or names no place.
    """

    url: str

    def __post_init__(self) -> None:
        check_url(self.url)
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str | PurePosixPath) -> "RemoteFile":
        return RemoteFile(f"{self.url}/{name}")

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.url.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The ending of the name."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemoteFile":
        """The folder that it is in.

        Raises:
            StoreError: it is a bucket or a server.
        """
        folder = self.url.rpartition("/")[0]
        if folder.endswith("/"):
            raise StoreError(f"{self.url} has no folder", f"name one in it: {self.url}/anonymized")
        return RemoteFile(folder)

    def with_name(self, name: str) -> "RemoteFile":
        """What has another name, beside this."""
        return self.parent / name

    def relative_to(self, folder: "Path | RemoteFile") -> PurePosixPath:
        """The path from a folder to this."""
        return PurePosixPath(self.url).relative_to(PurePosixPath(str(folder)))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        known = self._info()
        return known is not None and known["type"] == "directory"

    def exists(self) -> bool:
        """Whether it is a file."""
        known = self._info()
        return known is not None and known["type"] != "directory"

    def size_and_state(self) -> tuple[int, int] | None:
        """Its bytes, and a number that changes when it is written anew; None if there is no file.

        That is made of what the store says of it: a hash of the content, or when it was changed. If
        it says neither, the number is another one each time.
        """
        known = self._info()
        if known is None or known["type"] == "directory":
            return None
        said = [str(known[key]) for key in _CHANGES if known.get(key) is not None]
        # Of a store that says nothing, no file is sure to be the same.
        text = "\0".join(said) or secrets.token_hex(8)
        state = hashlib.sha256(text.encode()).digest()
        return int(known["size"] or 0), int.from_bytes(state[:6])

    def files(self) -> list["RemoteFile"]:
        """All files in this folder and those in it, by name."""
        return [self / name for name in self.names()]

    def names(self) -> list[str]:
        """Their names from this folder on, in order; no URL can be made of some."""
        found, path = file_system(self.url)
        found.invalidate_cache()
        try:
            with store_errors(self.url):
                names = [str(name) for name in found.find(path)]
        except FileNotFoundError:
            return []
        root = path.rstrip("/")
        inside = [name[len(root) + 1 :] for name in names if name.startswith(f"{root}/")]
        return [name for name in sorted(inside) if name]

    def contents(self) -> list[bytes]:
        """What is in all files of this folder, which are small; not of those deleted meanwhile."""
        found, path = file_system(self.url)
        names = [f"{path}/{file.relative_to(self)}" for file in self.files()]
        if not names:
            return []
        with store_errors(self.url):
            # To `cat`, a name with brackets is a pattern.
            read = found.cat_ranges(names, [None] * len(names), [None] * len(names))
            for each in read:
                if isinstance(each, Exception) and not isinstance(each, FileNotFoundError):
                    raise each
        return [data for data in read if isinstance(data, bytes)]

    def read_bytes(self) -> bytes:
        """Read all of it.

        Raises:
            InputError: there is no such file.
        """
        with contextlib.closing(self.open()) as reader:
            return reader.read(0, reader.size)

    def open(self) -> RemoteReader:
        """Open it to read ranges of it.

        Raises:
            InputError: there is no such file, or it is empty.
        """
        return RemoteReader(self.url)

    def write_bytes(self, data: bytes) -> None:
        """Write it, whole or not at all."""
        self._put(lambda found, path: found.pipe_file(path, data))

    def upload(self, local: Path) -> None:
        """Write what is in a local file, whole or not at all."""
        self._put(lambda found, path: found.put_file(str(local), path))

    def download(self, local: Path) -> None:
        """Write it to a local file: only what is covered may lie there."""
        found, path = file_system(self.url)
        with missing(self.url), store_errors(self.url):
            found.get_file(path, str(local))

    def remove(self) -> None:
        """Delete the file, or the folder with all that is in it; idempotent."""
        found, path = file_system(self.url)
        found.invalidate_cache()
        has_folders = not self._appears_whole
        with contextlib.suppress(FileNotFoundError), store_errors(self.url):
            listed = found.find(path, withdirs=has_folders, detail=True)
            # To `rm`, a name with brackets is a pattern: it would delete what others have written.
            for name, known in sorted(listed.items(), reverse=True):
                with contextlib.suppress(FileNotFoundError):
                    is_folder = known.get("type") == "directory"
                    found.rmdir(name) if is_folder else found.rm_file(name)
            if has_folders and found.isdir(path):
                found.rmdir(path)
        found.invalidate_cache()

    def remains(self) -> list["RemoteFile"]:
        """What was not completed of it."""
        found, path = file_system(self.parent.url)
        if self._appears_whole:
            return []
        try:
            with store_errors(self.url):
                names = [name.rpartition("/")[2] for name in found.ls(path, detail=False)]
        except FileNotFoundError:
            return []
        return [
            self.with_name(name)
            for name in names
            if name.startswith(f".{self.name}.") and name.endswith(".part")
        ]

    @property
    def _appears_whole(self) -> bool:
        return self.url.partition(":")[0] in _APPEARS_WHOLE

    def _put(self, put: Any) -> None:  # noqa: ANN401 - fsspec has no types
        found, path = file_system(self.url)
        folder, _, name = path.rpartition("/")
        try:
            with store_errors(self.url):
                if self._appears_whole:
                    put(found, path)
                else:
                    found.makedirs(folder, exist_ok=True)
                    hidden = f"{folder}/.{name}.{secrets.token_hex(4)}.part"
                    put(found, hidden)
                    found.mv(hidden, path)
                found.invalidate_cache()
        except FileNotFoundError as error:
            raise StoreError(
                f"{self.url} cannot be written: there is no such bucket", "make it first"
            ) from error

    def _info(self) -> dict[str, Any] | None:
        found, path = file_system(self.url)
        # What was listed before may have changed since.
        found.invalidate_cache()
        try:
            with store_errors(self.url):
                return dict(found.info(path))
        except FileNotFoundError:
            return None
