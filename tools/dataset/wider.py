"""The text format of WIDER FACE: a picture's name, the number of its faces, a line for each face.

A line is x, y, width, height and up to six attributes. A picture without faces has one line of
zeros.
"""

from pathlib import Path

from tools.dataset.dataset import (
    Broken,
    Dataset,
    LabelledPicture,
    as_boxes,
    box_problem,
    picture_size,
)


def read(labels: Path, pictures: Path) -> Dataset:
    """Read `labels`; names in it are relative to `pictures`."""
    found = Dataset("WIDER text")
    lines = labels.read_text().splitlines()
    at = 0
    while at < len(lines):
        name, name_line = lines[at].strip(), at + 1
        at += 1
        if not name:
            continue
        count = lines[at].strip() if at < len(lines) else ""
        if not count.isdecimal():
            found.broken.append(
                Broken(labels, name_line, f"{name!r} is not followed by a number of faces")
            )
            continue
        rows = lines[at + 1 : at + 1 + max(1, int(count))]
        # Some files leave out the line of zeros.
        if count == "0" and rows and rows[0].split()[:4] != ["0"] * 4:
            rows = []
        size = picture_size(pictures / name)
        if size is None:
            found.broken.append(
                Broken(labels, name_line, f"there is no picture {name} that can be read")
            )
        else:
            boxes = _read_boxes(labels, at + 2, rows if count != "0" else [], size, found)
            found.pictures.append(LabelledPicture(pictures / name, *size, as_boxes(boxes)))
        at += 1 + len(rows)
    return found


def _read_boxes(
    labels: Path, first_line: int, rows: list[str], size: tuple[int, int], found: Dataset
) -> list[list[float]]:
    boxes = []
    for number, row in enumerate(rows):
        try:
            box = [float(value) for value in row.split()[:4]]
            problem = (
                box_problem(box, *size) if len(box) == 4 else f"{row!r} has fewer than four values"
            )
        except ValueError:
            problem = f"{row!r} is not a line of numbers"
        if problem:
            found.broken.append(Broken(labels, first_line + number, problem))
        else:
            boxes.append(box)
    return boxes
