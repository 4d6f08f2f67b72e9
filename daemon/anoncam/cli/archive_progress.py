"""One bar for all files of a run, or a plain line now and then."""

import sys
import time

from tqdm import tqdm

from anoncam.archive.run import Standing
from anoncam.cli.output import show_error
from anoncam.cli.progress import LINE_INTERVAL


class ArchiveProgress:
    """Prints how many bytes of the inputs are done, the time left, and files done and failed."""

    def __init__(self) -> None:
        self._start = self._last_line = time.monotonic()
        self._bar = tqdm(
            desc="files",
            unit="B",
            unit_scale=True,
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
        )

    def show(self, standing: Standing) -> None:
        """Report how far all files are."""
        files = f"{standing.files_done} of {standing.files_all} files done"
        failed = f", {standing.files_failed} failed" if standing.files_failed else ""
        now = time.monotonic()
        if not self._bar.disable:
            self._bar.total = standing.bytes_all
            self._bar.set_postfix_str(files + failed, refresh=False)
            self._bar.update(standing.bytes_done - self._bar.n)
        elif now - self._last_line >= LINE_INTERVAL:
            self._last_line = now
            share = standing.bytes_done / max(1, standing.bytes_all)
            left = (now - self._start) * (1 - share) / share if share else None
            time_left = "" if left is None else f", {left:.0f} s left"
            show_error(f"{share:.0%} of the bytes, {files}{failed}{time_left}")

    def close(self) -> None:
        """End the bar; idempotent."""
        self._bar.close()
