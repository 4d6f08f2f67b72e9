"""The name and password for a network camera, from a file that nobody else can read."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from anoncam.config.folders import credentials_folder
from anoncam.config.schema import SourceSettings
from anoncam.errors import CameraError

_LARGEST = 4096


def address_with_login(settings: SourceSettings, environment: Mapping[str, str]) -> str:
    """The address with name and password in it, as libav wants it; no output may hold it.

    The password is read anew for each attempt, so a corrected one needs no reload.

    Raises:
        CameraError: the password cannot be read, or others can read it.
    """
    address = str(settings.address)
    if settings.user is None:
        return address
    login = quote(settings.user, safe="")
    if settings.password_file is not None:
        login += ":" + quote(read_password(settings.password_file, environment), safe="")
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{login}@{rest}"


def read_password(name: str, environment: Mapping[str, str]) -> str:
    """The password in a file, or in the credential of that name.

    Raises:
        CameraError: it cannot be read, or others can read it.
    """
    path = password_path(name, environment)
    if path is None:
        raise CameraError(
            f"there is no credential {name}",
            f"put it into /etc/credstore/{name}, and restart the service",
        )
    problem, password = _look_into(path, is_credential="/" not in name)
    if problem:
        raise CameraError(f"the password of the camera is not used: {problem}")
    return password


def password_path(name: str, environment: Mapping[str, str]) -> Path | None:
    """The file of a password; None if it is a credential that is not there."""
    if "/" in name:
        return Path(name)
    folder = credentials_folder(environment)
    return folder / name if folder is not None and (folder / name).exists() else None


def problem_of(name: str, environment: Mapping[str, str]) -> str:
    """What is wrong with the file of a password; empty if nothing, or if only the service knows."""
    path = password_path(name, environment)
    return "" if path is None else _look_into(path, is_credential="/" not in name)[0]


def _look_into(path: Path, *, is_credential: bool) -> tuple[str, str]:
    """What is wrong with a file, and the password in it."""
    try:
        # A FIFO must not make this wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return f"{path} is no file", ""
            # systemd lets the service read its credentials by an access control list, whose mask
            # looks like a mode for the group.
            if not is_credential and facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                mode = stat.S_IMODE(facts.st_mode)
                return f"others may use {path} (mode {mode:04o}): run chmod 600 on it", ""
            content = file.read(_LARGEST + 1)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}", ""
    try:
        password = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return f"{path} is not text in UTF-8", ""
    if not password or len(content) > _LARGEST or not password.isprintable():
        return f"{path} must hold the password alone, in one line", ""
    return "", password
