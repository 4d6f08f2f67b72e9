"""deface with its defaults over one video, with a report of what it covers."""

import sys
from pathlib import Path
from typing import Any

import click
from numpy.typing import NDArray

from tools.common.errors import errors_in_one_line
from tools.leakrate.labels import Rectangle
from tools.leakrate.reported_coverage import ReportedCoverage

Array = NDArray[Any]


@click.command(
    epilog="Example:  python -m tools.leakrate.run_deface clip.mp4 safe.mp4 covered.json"
)
@click.argument("clip", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("covered", type=click.Path(path_type=Path))
def main(clip: Path, output: Path, covered: Path) -> None:
    """Cover the faces of CLIP with deface, and report what was covered in a JSON file."""
    with errors_in_one_line("bench"):
        _run(clip, output).write(covered)


def _run(clip: Path, output: Path) -> ReportedCoverage:
    """Run the command of deface, and record the boxes that it blurs."""
    # Imported here: the help is shown without deface too.
    from deface import deface  # noqa: PLC0415

    frames: list[list[Rectangle]] = []
    blur = deface.anonymize_frame

    def record(
        detections: Array, frame: Array, mask_scale: float, *rest: object, **options: object
    ) -> None:
        rows, columns = frame.shape[:2]
        boxes: list[Rectangle] = []
        for found in detections:
            left, top, right, bottom = deface.scale_bb(*found[:4].astype(int), mask_scale)
            left, right = max(0, left), min(columns - 1, right)
            top, bottom = max(0, top), min(rows - 1, bottom)
            boxes.append((float(left), float(top), float(right - left), float(bottom - top)))
        frames.append(boxes)
        blur(detections, frame, mask_scale, *rest, **options)

    deface.anonymize_frame = record
    sys.argv[1:] = [str(clip), "--output", str(output)]
    deface.main()
    return ReportedCoverage(ellipses=True, frames=frames)


if __name__ == "__main__":
    main()
