"""Reads files where others may have put something else: a link, a pipe, a device, without end."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """The file at `path`, to be read. A link, a pipe, a socket or a device counts as none.

    A link could lead to a file of which the reader must not tell, and a pipe would never end.

    Raises:
        FileNotFoundError: there is no regular file.
        OSError: it cannot be read.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        # A link, and a socket.
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _none_at(path) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise _none_at(path)


def read_regular(path: Path, most: int) -> bytes:
    """The content of the regular file at `path`.

    Raises:
        FileNotFoundError: there is no regular file.
        OSError: it cannot be read, or has more than `most` bytes.
    """
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def _none_at(path: Path) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "there is no regular file", str(path))
