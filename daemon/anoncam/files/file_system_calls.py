"""Calls that depend on the file system: locks, syncs, free space, and opening on a certain disk.

NFS may have no locks, CIFS and file systems in user space may not sync folders or files. There,
recording goes on without the call. The refusal is logged once. The call is not tried again until
`forget_refusals`, because a server can take long to refuse it.
"""

import ctypes
import errno
import fcntl
import logging
import os
import stat
import threading
from enum import StrEnum
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# Constants of linux/fcntl.h and linux/fs.h.
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1

_REFUSALS = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EACCES}
_REFUSALS_OF_FOLDERS = _REFUSALS | {errno.EBADF, errno.EISDIR}


class Call(StrEnum):
    """What a file system may refuse; the value completes "the file system refuses …"."""

    LOCK = "locks"
    SYNC_FOLDER = "to sync folders"
    SYNC_FILE = "to sync files"
    SYNC_DATA = "to sync the data of files"


_CONSEQUENCES = {
    Call.LOCK: "only one anoncam may record there",
    Call.SYNC_FOLDER: "a power cut may take the newest files",
    Call.SYNC_FILE: "a power cut may take more than the last second",
}

_refused: set[tuple[Call, int]] = set()
_logged: set[tuple[Call, int]] = set()

_condition = threading.Condition()
_held: dict[tuple[int, int], int] = {}
"""Where there are no locks: the files that this process has locked, with their descriptors."""


def lock(descriptor: int, path: Path, *, wait: bool) -> None:
    """Lock the open file or folder `path`; without locks, at least within this process.

    Raises:
        BlockingIOError: another descriptor holds the lock, and `wait` is false.
    """
    facts = os.fstat(descriptor)
    if (Call.LOCK, facts.st_dev) not in _refused:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError as error:
            # Any error means that there is no lock. A disk that fails refuses the next write too.
            _refuse(Call.LOCK, facts.st_dev, path if path.is_dir() else _folder_of(path), error)
        else:
            return
    identity = facts.st_dev, facts.st_ino
    with _condition:
        while identity in _held:
            if not wait:
                raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK), str(path))
            _condition.wait()
        _held[identity] = descriptor


def unlock(descriptor: int) -> None:
    """Give up the lock of a file that is to be closed next."""
    with _condition:
        for identity in [each for each, holder in _held.items() if holder == descriptor]:
            del _held[identity]
        _condition.notify_all()


def sync_file(descriptor: int, path: Path, *, data_only: bool = False) -> None:
    """Make what was written to the open file `path` survive a power cut, if that can be done.

    With `data_only`, facts such as the time of the change need not survive.

    Raises:
        OSError: the disk failed.
    """
    device = os.fstat(descriptor).st_dev
    calls = [(Call.SYNC_FILE, os.fsync)]
    if data_only:
        calls.insert(0, (Call.SYNC_DATA, os.fdatasync))
    for call, sync in calls:
        if (call, device) in _refused:
            continue
        try:
            sync(descriptor)
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            _refuse(call, device, _folder_of(path), error)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut, if that can be done.

    Raises:
        OSError: the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    device = os.fstat(descriptor).st_dev
    try:
        if (Call.SYNC_FOLDER, device) not in _refused:
            os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _REFUSALS_OF_FOLDERS:
            raise
        _refuse(Call.SYNC_FOLDER, device, folder, error)
    finally:
        os.close(descriptor)


def open_in(folder: Path, name: str, flags: int, device: int | None) -> int:
    """The descriptor of a regular file in `folder`, created with mode 0640 if `flags` say so.

    With `device`, the folder must be on that device. This protects the mount point of a disk that
    has just gone.

    Raises:
        OSError: the folder is on another device, something else has the name, or the disk failed.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # The device of the folder counts: in an overlay file system, that of a file is another.
        if device is not None and os.fstat(opened).st_dev != device:
            raise FileNotFoundError(errno.ENODEV, "the disk has just gone", str(folder))
        # Nobody leads the daemon out of the folder by a link, or has it wait by a pipe.
        safe = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(name, flags | safe, 0o640, dir_fd=opened)
    finally:
        os.close(opened)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "this is no regular file", str(folder / name))
    return descriptor


def replace_in(folder: Path, name: str, content: bytes, device: int | None) -> None:
    """Replace a file in `folder`; after the return it survives a power cut. For `device` see there.

    Raises:
        OSError: as `open_in`.
    """
    part = folder / f"{name}.part"
    # Created with its mode, because FAT and CIFS refuse to change one.
    part.unlink(missing_ok=True)
    descriptor = open_in(folder, part.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, device)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        sync_file(descriptor, part)
    part.replace(folder / name)
    sync_folder(folder)


def rename_to_new(source: Path, target: Path) -> None:
    """Rename a file to a name that nobody may have taken meanwhile.

    Where the file system cannot do both at once, as FAT, a name that is taken just now is replaced.

    Raises:
        OSError: the name is taken, or the disk failed.
    """
    here = ctypes.c_int(_AT_FDCWD)
    names = os.fsencode(source), os.fsencode(target)
    if not _libc.renameat2(here, names[0], here, names[1], ctypes.c_uint(_RENAME_NOREPLACE)):
        return
    code = ctypes.get_errno()
    if code not in {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}:
        raise OSError(code, os.strerror(code), str(target))
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def free_space(folder: Path) -> int | None:
    """The bytes that a user other than root may still write; None if that is not known.

    Raises:
        OSError: the disk failed.
    """
    try:
        facts = os.statvfs(folder)
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        return None
    # File systems that do not know their size report zeros.
    return facts.f_bavail * facts.f_frsize if facts.f_blocks else None


def forget_refusals() -> None:
    """Try all calls again, since another disk may have been mounted; nothing is logged twice."""
    _refused.clear()


def _refuse(call: Call, device: int, folder: Path, error: OSError) -> None:
    _refused.add((call, device))
    if (call, device) in _logged or call not in _CONSEQUENCES:
        return
    _logged.add((call, device))
    logging.getLogger(__name__).warning(
        "the file system of %s refuses %s (%s): recording goes on, but %s",
        folder,
        call,
        error.strerror,
        _CONSEQUENCES[call],
    )


def _folder_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent
