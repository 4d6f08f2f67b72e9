"""People cut out of a picture move over the rest of it, while the camera stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from anoncam.frames.boxes import Box
from tools.leakrate.clips.camera import exposed
from tools.leakrate.clips.still import HEIGHT, WIDTH, Shot, Shown, Still
from tools.leakrate.labels import Rectangle

FRAMES = 45

APPROACH_FRAMES = 60

_MOST_PEOPLE = 5
_LEAST = 24.0
"""The least height of a face, in pixels of the scaled picture, that is cut out."""

_WALKING = (24.0, 110.0)
"""Heights of faces that walk by."""

_APPROACH = (12.0, 200.0)
"""Heights of a face that comes near, at first and at last."""

_AROUND = (0.7, 0.5, 0.7, 1.3)
"""What is cut out with a face, in its sizes: to the left, above, to the right, below."""

_HIDDEN = 0.3
"""The part of a face behind another person from which it does not count."""


@dataclass(frozen=True)
class Person:
    """A cut-out with soft edges. `boxes` are faces in it by their number, its own one first."""

    image: Image.Image
    mask: Image.Image
    boxes: tuple[tuple[int, Rectangle], ...]


@dataclass(frozen=True)
class Place:
    """Where a person is in one frame: the centre of the face, and its height, in pixels."""

    x: float
    y: float
    height: float


def walk(still: Still, generator: np.random.Generator) -> Shot:
    """People walk by, each at a pace of their own."""
    people = cut_out(still, _MOST_PEOPLE)
    ways = []
    for _ in people:
        height = float(np.exp(generator.uniform(*np.log(_WALKING))))
        x, y = generator.uniform(0.05, 0.95) * WIDTH, generator.uniform(0.15, 0.7) * HEIGHT
        pace = generator.uniform(0.5, 9.0) * generator.choice((-1, 1))
        phase = generator.uniform(0, 2 * np.pi)
        ways.append(
            [
                Place(x + pace * step, y + 0.06 * height * np.sin(0.4 * step + phase), height)
                for step in range(FRAMES)
            ]
        )
    return _move(still, people, ways, FRAMES, generator)


def approach(still: Still, generator: np.random.Generator) -> Shot:
    """One person comes near, from 12 to 200 pixels within two seconds."""
    people = cut_out(still, 1)
    start, end = generator.uniform(0.2, 0.8, 2) * WIDTH
    heights = np.geomspace(_APPROACH[0], _APPROACH[1], APPROACH_FRAMES).tolist()
    way = [
        Place(start + (end - start) * part, (0.35 + 0.1 * part) * HEIGHT, height)
        for part, height in zip(np.linspace(0, 1, APPROACH_FRAMES).tolist(), heights, strict=True)
    ]
    return _move(still, people, [way] * len(people), APPROACH_FRAMES, generator)


def cut_out(still: Still, most: int) -> list[Person]:
    """The people with the largest faces."""
    people = []
    largest = sorted(range(len(still.boxes)), key=lambda number: -still.boxes[number, 3])
    for number in [each for each in largest if still.boxes[each, 3] >= _LEAST][:most]:
        x, y, width, height = still.boxes[number].tolist()
        before, above, behind, below = _AROUND
        left, top = int(x - before * width), int(y - above * height)
        right, bottom = int(x + (1 + behind) * width), int(y + (1 + below) * height)
        left, top = max(0, left), max(0, top)
        right, bottom = min(still.image.width, right), min(still.image.height, bottom)
        image = still.image.crop((left, top, right, bottom))
        mask = Image.new("L", image.size)
        soft = 0.08 * min(image.size)
        inner = (2 * soft, 2 * soft, image.width - 2 * soft, image.height - 2 * soft)
        ImageDraw.Draw(mask).rounded_rectangle(inner, 4 * soft, fill=255)
        numbers = [number, *(other for other in range(len(still.boxes)) if other != number)]
        inside = [
            (other, (each[0] - left, each[1] - top, each[2], each[3]))
            for other in numbers
            if (each := still.boxes[other].tolist())
            and left < each[0] + each[2] / 2 < right
            and top < each[1] + each[3] / 2 < bottom
        ]
        people.append(Person(image, mask.filter(ImageFilter.GaussianBlur(soft)), tuple(inside)))
    return people


def _move(
    still: Still,
    people: Sequence[Person],
    ways: Sequence[Sequence[Place]],
    count: int,
    generator: np.random.Generator,
) -> Shot:
    if not people:
        return
    scene = _emptied(still)
    labels: list[Shown] = []
    pictures = exposed(_scenes(scene, people, ways, count, labels), count, generator)
    for number, picture in enumerate(pictures):
        labels[number].picture = picture
        yield labels[number]


def _scenes(
    scene: Image.Image,
    people: Sequence[Person],
    ways: Sequence[Sequence[Place]],
    count: int,
    labels: list[Shown],
) -> Iterator[Image.Image]:
    for step in range(count):
        picture, shown = scene.copy(), Shown(np.empty(0, np.uint8))
        placed: list[tuple[int, Rectangle, Box]] = []
        # Who is nearer stands in front.
        order = sorted(range(len(people)), key=lambda number: ways[number][step].height)
        for number in order:
            own, place = people[number].boxes[0][1], ways[number][step]
            scale = place.height / own[3]
            left = place.x - (own[0] + own[2] / 2) * scale
            top = place.y - (own[1] + own[3] / 2) * scale
            across, down = people[number].image.size
            size = max(1, round(across * scale)), max(1, round(down * scale))
            corner = (round(left), round(top))
            picture.paste(
                people[number].image.resize(size, Image.Resampling.BICUBIC),
                corner,
                people[number].mask.resize(size),
            )
            bounds = (left, top, left + size[0], top + size[1])
            placed = [
                (face, box, body) for face, box, body in placed if not _is_behind(box, bounds)
            ] + [
                (face, (left + x * scale, top + y * scale, width * scale, height * scale), bounds)
                for face, (x, y, width, height) in people[number].boxes[:1]
            ]
            for _, (x, y, width, height) in people[number].boxes[1:]:
                box = (left + x * scale, top + y * scale, width * scale, height * scale)
                shown.others.append(box)
        for face, box, _ in placed:
            shown.label(face, box)
        labels.append(shown)
        yield picture


def _is_behind(box: Rectangle, bounds: Box) -> bool:
    x, y, width, height = box
    across = min(x + width, bounds[2]) - max(x, bounds[0])
    down = min(y + height, bounds[3]) - max(y, bounds[1])
    return across > 0 and down > 0 and across * down > _HIDDEN * width * height


def _emptied(still: Still) -> Image.Image:
    """The picture without its faces, as large as a frame: what they were is blurred away."""
    image = still.image
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for x, y, width, height in still.boxes.tolist():
        around = 0.4
        draw.ellipse(
            (
                x - around * width,
                y - around * height,
                x + (1 + around) * width,
                y + (1 + around) * height,
            ),
            fill=255,
        )
    blurred = image.resize((image.width // 16 + 1, image.height // 16 + 1)).filter(
        ImageFilter.GaussianBlur(4)
    )
    emptied = image.copy()
    emptied.paste(blurred.resize(image.size), (0, 0), mask.filter(ImageFilter.GaussianBlur(3)))
    width = min(image.width, round(image.height * WIDTH / HEIGHT))
    height = min(image.height, round(width * HEIGHT / WIDTH))
    return emptied.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=(0, 0, width, height))
