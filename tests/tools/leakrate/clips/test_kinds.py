from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tools.leakrate.clips.kinds import KINDS
from tools.leakrate.clips.still import HEIGHT, WIDTH, Shown, Still

FACE = (324.0, 195.0, 276.0, 342.0)


def portrait() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut()[:240, 70:370]).resize((900, 720))


def shot(kind: str, seed: int = 0) -> list[Shown]:
    """The shot of a portrait with its face, and a box of eight pixels."""
    image = portrait()
    still = Still(image, np.array([FACE, (400, 600, 8, 8)], np.float64))
    return list(KINDS[kind](still, np.random.default_rng(seed)))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_the_face_where_its_label_is(kind: str) -> None:
    wanted = np.asarray(
        portrait()
        .convert("L")
        .crop((FACE[0], FACE[1], FACE[0] + FACE[2], FACE[1] + FACE[3]))
        .resize((24, 24)),
        float,
    )
    turns = (1, 3) if kind == "turned" else (0,)
    likenesses = []
    for shown in (each for seed in range(2) for each in shot(kind, seed)):
        assert shown.picture.shape == (HEIGHT, WIDTH, 3)
        for x, y, width, height in shown.faces.values():
            face = Image.fromarray(shown.picture).convert("L")
            seen = face.crop((x, y, x + width, y + height)).resize((24, 24))
            likenesses.append(
                max(
                    np.corrcoef(np.rot90(wanted, turn).ravel(), np.asarray(seen, float).ravel())[
                        0, 1
                    ]
                    for turn in turns
                )
            )
    least = {"covered": 0.4, "night": 0.6}.get(kind, 0.8)
    assert len(likenesses) > 5
    assert np.median(likenesses) > least


@pytest.mark.parametrize(("kind", "step"), [("glance", 24), ("fast-glance", 48)])
def test_a_glance_shows_a_face_for_three_to_twenty_frames(kind: str, step: int) -> None:
    for seed in range(4):
        places = [shown.faces[0][0] for shown in shot(kind, seed) if 0 in shown.faces]
        assert len(places) <= 20
        assert all(abs(abs(way) - step) < 0.1 for way in np.diff(places))


def test_people_walk_by_before_a_camera_that_stands_still() -> None:
    shown = shot("walk")
    places = [each.faces[0][0] for each in shown if 0 in each.faces]
    assert np.ptp(places) > 5
    # At the top edge nobody walks: there only the light changes.
    rows = np.stack([each.picture[:4].astype(float).mean(axis=(0, 2)) for each in shown])
    likenesses = [np.corrcoef(rows[0], row)[0, 1] for row in rows]
    assert min(likenesses) > 0.9


def test_somebody_who_approaches_grows_to_two_hundred_pixels_within_two_seconds() -> None:
    heights = [each.faces[0][3] for each in shot("approach") if 0 in each.faces]
    assert heights[0] < 25
    assert heights[-1] == pytest.approx(200, abs=1)
    assert len(heights) <= 60


def test_a_scene_between_cuts_lasts_a_third_of_a_second_to_one() -> None:
    lengths = {len(shot("cut", seed)) for seed in range(10)}
    assert min(lengths) >= 9
    assert max(lengths) <= 30
    assert len(lengths) > 3


def test_a_night_is_darker_than_a_day() -> None:
    day, night = (np.mean([each.picture for each in shot(kind)]) for kind in KINDS_OF_LIGHT)
    assert night < day / 2


KINDS_OF_LIGHT = ("pan-and-zoom", "night")


def test_a_picture_without_a_face_to_cut_out_gives_no_walk(tmp_path: Path) -> None:
    image = Image.new("RGB", (1024, 1024))
    still = Still(image, np.array([(400, 600, 8, 8)], np.float64))
    assert list(KINDS["walk"](still, np.random.default_rng(0))) == []
