"""A part of a media file, which a confined process decodes from the key frame before it."""

from anoncam.clock import Clock, Stop
from anoncam.config.schema import FilesSettings
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import DEFAULT_LIMITS
from anoncam.stores.place import Place


class FilePart(FileSource):
    """The frames of a video from `begin` to before `end`, in nanoseconds of the file's own time.

    All that is said of the file, such as `format` and `start`, is that of the whole file.

    >>> with FilePart(path, 60 * NANOSECONDS, 120 * NANOSECONDS, clock=clock, stop=stop) as part:
    ...     first = part.read()

    Raises:
        InputError: the file cannot be read, or not in parts: its pictures are damaged, or its clock
            is not to be trusted.
    """

    def __init__(
        self,
        path: Place,
        begin: int,
        end: int,
        *,
        clock: Clock,
        stop: Stop,
        limits: FilesSettings = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(
            path,
            paced=False,
            loop=False,
            clock=clock,
            stop=stop,
            limits=limits,
            part=(begin, end),
        )
