"""Finds the file system of a URL, and says in one sentence what is wrong with it.

Who may read and write is for fsspec to find out: from the environment and the settings of this
process. No credentials are in a URL, so none are in what holds one: tasks, manifests and messages.
"""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote

from anoncam.errors import AnoncamError, InputError, StoreError, UnreachableError

_ANY_URL = re.compile(r"[a-z][a-z0-9+.:-]*://", re.IGNORECASE)

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/]*)(?P<path>.*)", re.DOTALL)

_SERVER = re.compile(r"[^:/?#@]*(?::\d+)?")
"""A bucket, or a host and its port."""

_QUERY = re.compile(r"\?[\w.-]+=")

_REFUSED = {
    *("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"),
    *("AuthenticationException", "BadHostKeyException", "PasswordRequiredException"),
    *("DefaultCredentialsError", "ClientAuthenticationError", "LoginRefused"),
}
"""Names of what libraries of stores raise, which are not imported here."""


def is_url(text: str) -> bool:
    """Whether a text is a URL, whether or not it can be used, and not a path."""
    return _ANY_URL.match(text) is not None


def check_url(url: str) -> None:
    """Check that a URL names a place in a store, and nothing that must not be seen.

    Raises:
        StoreError: it has a password or a query, or is of several URLs. It is not shown.
    """
    parts = _URL.fullmatch(url)
    if parts is None or "::" in url:
        # A chain of URLs can keep copies of raw footage on a disk.
        raise StoreError(
            "a URL is chained, or none that can be used",
            "name one place, such as s3://bucket/folder",
        )
    name, _, server = parts["host"].rpartition("@")
    shown = re.split("[:?#]", server)[0]
    is_web = parts["scheme"] in {"http", "https"}
    has_no_end = _SERVER.fullmatch(server) is None and "@" in parts["path"]
    if re.search("[:@]", unquote(name)) or (name and is_web) or has_no_end:
        raise StoreError(
            f"a password is in a URL of {shown}",
            "leave it out, and give it to each worker by its environment or a key",
        )
    if _QUERY.search(url) or (is_web and re.search("[?#]", url)):
        raise StoreError(
            f"a query is in a URL of {shown}, which may be a password",
            "give credentials to each worker by its environment",
        )
    if ".." in parts["path"].split("/"):
        # The output of such a name would be elsewhere.
        raise StoreError(f"{url} has .. in it", "name the place itself")
    if parts["scheme"] == "file":
        raise StoreError(f"a file:// URL is of {shown}", "name a path of this machine")
    if not server:
        raise StoreError(f"{url} names no bucket and no server", "name one: s3://bucket/folder")


def file_system(url: str) -> tuple[Any, str]:
    """The file system of fsspec for a URL, and the path of it there.

    Raises:
        StoreError: fsspec or the library of such stores is missing, or it refuses.
    """
    scheme = url.partition(":")[0]
    try:
        core = importlib.import_module("fsspec.core")
        cached = importlib.import_module("fsspec.implementations.cached")
    except ImportError as error:
        raise StoreError(
            f"{scheme}:// needs fsspec", "install anoncam[archives], or python3-fsspec"
        ) from error
    with store_errors(url):
        try:
            found, path = core.url_to_fs(url)
        except ImportError as error:
            raise StoreError(
                f"{scheme}:// needs a library that is not installed: {error}",
                "install it on all machines: s3fs for s3://, paramiko for sftp://",
            ) from None
        except ValueError as error:
            raise StoreError(
                f"{scheme}:// is no store that fsspec knows", "mount it first"
            ) from error
    if isinstance(found, cached.CachingFileSystem):
        raise StoreError(f"{scheme}:// keeps copies on a disk, which would be raw footage")
    return found, str(path)


@contextmanager
def store_errors(url: str) -> Iterator[None]:
    """Turn what a library of a store raises into one of our errors that names `url`.

    A FileNotFoundError stays what it is. The library's own words are left out: they may hold signed
    addresses.
    """
    try:
        yield
    except (AnoncamError, FileNotFoundError, MemoryError):
        raise
    except Exception as error:
        kind = type(error).__name__
        if isinstance(error, PermissionError) or kind in _REFUSED:
            raise StoreError(
                f"{url}: no permission ({kind})",
                "give this process credentials that may read the input and write the output:"
                " docs/archives.md",
            ) from None
        _disconnect(url)
        raise UnreachableError(
            f"{url} cannot be reached ({kind})", "look for the network and the server"
        ) from None


def _disconnect(url: str) -> None:
    """Have what follows connect anew: fsspec keeps a connection also when it is broken."""
    with suppress(Exception):
        registry = importlib.import_module("fsspec.registry")
        registry.get_filesystem_class(url.partition(":")[0]).clear_instance_cache()


@contextmanager
def missing(url: str) -> Iterator[None]:
    """Turn a FileNotFoundError into an InputError that names `url`."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{url} does not exist", "look for its bucket and its name") from error
