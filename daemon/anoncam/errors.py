"""Every error that anoncam raises on purpose, with the exit code of a command that it ends."""

from typing import ClassVar


class AnoncamError(Exception):
    """The root of all errors for the user: one line with what is wrong, and a remedy."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} ({remedy})" if remedy else message)


class ConfigError(AnoncamError, ValueError):
    """The configuration cannot be used."""

    exit_code = 2


class InputError(AnoncamError, OSError):
    """A picture, a video or a stream cannot be read, or not to its end."""

    exit_code = 3


class CoverageFileError(InputError):
    """A coverage file cannot be used, or it is not that of the picture or video."""


class DownloadError(InputError):
    """A file cannot be downloaded."""


class CameraError(InputError):
    """A camera is missing, is lost or has changed; the daemon waits for it."""


class CameraRefusalError(CameraError):
    """A network camera refuses name or password; it is tried seldom, as it may lock the account."""


class DetectorError(AnoncamError, RuntimeError):
    """The detector gives no results."""

    exit_code = 4


class ModelError(DetectorError, ValueError):
    """The model file cannot be used as a face detector."""


class CoralError(DetectorError):
    """The Coral is required and cannot be used."""


class StorageError(AnoncamError, OSError):
    """The output cannot be written."""

    exit_code = 5


class UploadError(StorageError):
    """Recordings cannot be copied to the remote now; it is tried again."""


class StoreError(AnoncamError):
    """A store that a URL names cannot be used, or refuses."""

    exit_code = 16


class UnreachableError(StoreError):
    """A store does not answer as it should; it is tried again."""


class MemoryLockError(AnoncamError, PermissionError):
    """Raw pixels could reach swap, because memory cannot be locked."""

    exit_code = 6


class RunningError(AnoncamError):
    """Another daemon uses the same state folder."""


class NotRunningError(AnoncamError):
    """There is no daemon to ask, or it cannot reply now."""

    exit_code = 3


class FeedError(AnoncamError, ValueError):
    """What comes by the feed's socket is no feed."""

    exit_code = 3


class SetAsideError(AnoncamError):
    """A file was set aside: the processes that worked on it died, one after the other."""

    exit_code = 15


class StoppedError(AnoncamError):
    """The user requested a stop before the work was done."""

    exit_code = 130
