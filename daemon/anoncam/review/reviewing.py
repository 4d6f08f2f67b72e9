"""The coverage files of one call of ``anoncam anonymize``: the one to apply, the one to write.

Most calls have none, so what reads and writes them is imported where it is needed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import InputError
from anoncam.frames.frame import FrameFormat
from anoncam.pipeline.record import Decide, as_tracked
from anoncam.recording.whole_file import WholeFile


@dataclass(frozen=True)
class CoverageOptions:
    """What is wished: a file to `apply`, alone or with `detect`, corrected, and one to `write`."""

    apply: Path | None = None
    detect: bool = False
    write: Path | None = None
    remove: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


class Reviewing:
    """Reads the coverage to apply, and writes what was covered.

    `settings`, `decide` and `watch` are for the pipeline.

    Raises:
        CoverageFileError: the file or a correction cannot be used.
        StorageError: the file to write exists already and `force` is false.
    """

    decide: Decide = staticmethod(as_tracked)
    watch: Callable[[AnonymizedFrame], None] | None = None

    def __init__(
        self, options: CoverageOptions, settings: AnonymizerSettings, *, force: bool
    ) -> None:
        self._document = None
        if options.apply is not None:
            from anoncam.review.corrections import corrected  # noqa: PLC0415
            from anoncam.review.coverage_file import read_document  # noqa: PLC0415
            from anoncam.review.given_coverage import GivenCoverage, settings_with  # noqa: PLC0415

            self._document = corrected(read_document(options.apply), options.remove, options.add)
            given = GivenCoverage(self._document)
            self.decide = given.united if options.detect else given.instead
            settings = settings_with(self._document, settings)
        self.settings = settings
        self._output = None if options.write is None else WholeFile(options.write, force=force)
        if self._output is not None:
            from anoncam.review.coverage_log import CoverageLog  # noqa: PLC0415

            self._log = CoverageLog(settings)
            self.watch = self._log.add

    def begin(self, path: Path, picture: FrameFormat) -> None:
        """The file `path` is open, and about to be anonymized.

        Raises:
            CoverageFileError: the coverage is that of another file.
            InputError: the file cannot be read.
        """
        self._picture = picture
        try:
            if self._document is not None:
                from anoncam.review.given_coverage import check_identity  # noqa: PLC0415

                check_identity(self._document, path, picture)
            if self._output is not None:
                from anoncam.review.coverage_file import hash_file  # noqa: PLC0415

                self._sha256 = hash_file(path)
        except OSError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{path} cannot be read: {error.strerror}") from error

    def finish(self) -> None:
        """The anonymized file is written: write its coverage too, if that is wished.

        Raises:
            CoverageFileError: it would be too large.
            StorageError: the disk failed.
        """
        if self._output is not None:
            from anoncam.review.coverage_file import write_document  # noqa: PLC0415

            write_document(self._log.document(self._picture, self._sha256), self._output)
