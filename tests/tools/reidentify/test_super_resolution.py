import numpy as np
import pytest

pytest.importorskip("cv2", reason="OpenCV is not installed (make test-tools installs it)")
pytest.importorskip("sklearn", reason="scikit-learn is not installed (make test-tools installs it)")

import cv2

from tools.reidentify.super_resolution import super_resolve

SIDE, SQUARE = 96, 12
INSIDE = np.s_[SQUARE:-SQUARE, SQUARE:-SQUARE]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def soft(random: np.random.Generator) -> np.ndarray:
    """A picture whose details are finer than the squares."""
    noise = cv2.GaussianBlur(random.normal(0, 1, (SIDE, SIDE, 3)), (0, 0), 4)
    return np.asarray((128 + 40 * noise / noise.std()).clip(0, 255), np.uint8)


def moving_squares(random: np.random.Generator, count: int) -> np.ndarray:
    """Squares all over the picture, elsewhere in each frame."""
    frames = []
    for down, right in random.integers(0, SQUARE, (count, 2)):
        row, column = (np.arange(SIDE) + down) // SQUARE, (np.arange(SIDE) + right) // SQUARE
        frames.append(1 + row[:, None] * 10 + column)
    return np.stack(frames).astype(np.uint16)


def with_means(picture: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """A plain mosaic of the picture in each frame."""
    frames = np.repeat(picture[None], len(squares), axis=0)
    for frame, numbers in zip(frames, squares, strict=True):
        for number in np.unique(numbers[numbers > 0]):
            frame[numbers == number] = picture[numbers == number].mean(axis=0).round()
    return frames


def likeness(found: np.ndarray, picture: np.ndarray) -> float:
    return float(np.corrcoef(found[INSIDE].ravel(), picture[INSIDE].ravel())[0, 1])


def test_a_mosaic_that_moves_shows_more_in_many_frames_than_in_one_or_in_their_mean(
    random: np.random.Generator,
) -> None:
    picture, squares = soft(random), moving_squares(random, 30)
    frames = with_means(picture, squares)
    fused = likeness(super_resolve(frames, squares), picture)
    assert fused > likeness(frames[0], picture) + 0.2
    assert fused > likeness(frames.mean(axis=0), picture) + 0.1
    assert fused > 0.9


def test_a_mosaic_that_keeps_still_shows_no_more_in_many_frames_than_in_one(
    random: np.random.Generator,
) -> None:
    picture, squares = soft(random), moving_squares(random, 1).repeat(5, axis=0)
    frames = with_means(picture, squares)
    assert np.array_equal(super_resolve(frames, squares), frames[0])


def test_squares_whose_tones_are_no_means_show_nothing_in_many_frames(
    random: np.random.Generator,
) -> None:
    picture, squares = soft(random), moving_squares(random, 30)
    frames = with_means(soft(random), squares)
    assert abs(likeness(super_resolve(frames, squares), picture)) < 0.2


def test_what_any_frame_shows_outside_of_its_squares_is_taken_as_it_is(
    random: np.random.Generator,
) -> None:
    picture, squares = soft(random), moving_squares(random, 2)
    squares[0, :, : SIDE // 2] = 0
    squares[1, :, SIDE // 2 :] = 0
    fused = super_resolve(with_means(picture, squares), squares)
    assert np.abs(fused.astype(int) - picture).max() <= 1
