"""What would leak if the covered pixels were flat and nothing were lost by encoding."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from tools.leakrate.comparison import Comparison, ComparisonBuilder, read_luma
from tools.leakrate.coverage_mask import Mask, covered_part, faces_mask, paint
from tools.leakrate.detail import LEAST_CELLS, Luma, leaking_cells, take_detail
from tools.leakrate.labels import Face, LabelledClip
from tools.leakrate.reported_coverage import ReportedCoverage

Name = TypeVar("Name")


def compare_all(
    clip: Path, labelled: LabelledClip, covered: Mapping[Name, ReportedCoverage]
) -> dict[Name, Comparison]:
    """Compare several coverages of one clip in a single pass.

    Raises:
        InputError: the clip cannot be read.
    """
    builders = {name: ComparisonBuilder(labelled, clip.stem) for name in covered}
    for number, luma in enumerate(_read_with_bar(clip, labelled)):
        faces = faces_mask(labelled, number)
        for name, each in covered.items():
            mask = paint(
                each.frames[number], labelled.width, labelled.height, ellipses=each.ellipses
            )
            builders[name].add(
                [is_seen(luma, mask, face) for face in labelled.faces[number]], mask, faces
            )
    return {name: builder.result() for name, builder in builders.items()}


def _read_with_bar(clip: Path, labelled: LabelledClip) -> Iterator[Luma]:
    lumas = read_luma(clip, labelled)
    yield from tqdm(
        lumas,
        f"settings on {clip.name}",
        len(labelled.faces),
        unit=" frames",
        leave=False,
        disable=None,
    )


def is_seen(luma: Luma, mask: Mask, face: Face) -> bool:
    """Whether the face could still be seen in the picture if the pixels of the mask were flat."""
    part = covered_part(mask, face.box)
    if part in (0.0, 1.0):
        return part == 0.0
    x, y, width, height = face.box
    margin = height / 2
    rows = slice(max(0, int(y - margin)), int(y + height + margin))
    columns = slice(max(0, int(x - margin)), int(x + width + margin))
    near = luma[rows, columns]
    covered = np.where(mask[rows, columns], near.mean().astype(np.uint8), near)
    box = (x - columns.start, y - rows.start, width, height)
    return leaking_cells(take_detail(near, box), take_detail(covered, box)) >= LEAST_CELLS
