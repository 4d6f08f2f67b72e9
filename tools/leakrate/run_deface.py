"""deface at its defaults over one video, which also tells what it covers: see
`tools.leakrate.programs`.
"""

import sys
from pathlib import Path
from typing import Any

from deface import deface
from numpy.typing import NDArray

from tools.leakrate.covering import Covered
from tools.leakrate.labels import Rectangle

Array = NDArray[Any]


def main() -> None:
    """Run deface's own command, listening to the boxes that it blurs."""
    clip, output, covered = map(Path, sys.argv[1:])
    frames: list[list[Rectangle]] = []
    blur = deface.anonymize_frame

    def listen(
        detections: Array, frame: Array, mask_scale: float, *rest: object, **options: object
    ) -> None:
        rows, columns = frame.shape[:2]
        boxes: list[Rectangle] = []
        for found in detections:
            left, top, right, bottom = deface.scale_bb(*found[:4].astype(int), mask_scale)
            left, right, top, bottom = (
                max(0, left),
                min(columns - 1, right),
                max(0, top),
                min(rows - 1, bottom),
            )
            boxes.append((float(left), float(top), float(right - left), float(bottom - top)))
        frames.append(boxes)
        blur(detections, frame, mask_scale, *rest, **options)

    deface.anonymize_frame = listen
    sys.argv[1:] = [str(clip), "--output", str(output)]
    deface.main()
    Covered(ellipses=True, frames=frames).write(covered)


if __name__ == "__main__":
    main()
