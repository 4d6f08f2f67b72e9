"""What a program reports that it covers."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from anoncam.errors import InputError
from tools.leakrate.labels import Rectangle


@dataclass(frozen=True)
class ReportedCoverage:
    """The covered boxes of each frame, or the boxes around covered `ellipses`."""

    ellipses: bool
    frames: list[list[Rectangle]]

    def write(self, path: Path) -> None:
        """Write the coverage to a JSON file."""
        path.write_text(json.dumps(asdict(self)))


def read_coverage(path: Path) -> ReportedCoverage:
    """Read what a program has written to `path`.

    Raises:
        InputError: the file is missing, or has another form.
    """
    try:
        content = json.loads(path.read_text())
        frames = [
            [(x, y, width, height) for x, y, width, height in frame] for frame in content["frames"]
        ]
        return ReportedCoverage(bool(content["ellipses"]), frames)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "the program should report there what it covers"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: holds no coverage", f"{type(error).__name__}: {error}"
        ) from error
