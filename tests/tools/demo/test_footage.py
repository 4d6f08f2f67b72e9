import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tools.demo.camera_path import LENGTH, CameraPath, Pose
from tools.demo.footage import make_footage
from tools.demo.labels import read_labels
from tools.demo.portrait import FACE
from tools.demo.scene import LARGEST_TURN, Scene

STILL = Pose(x=0.5, y=0.5, size=0.3, turn=0, tilt=0, light=1)


def decode(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(path) as container:
        return [
            np.asarray(frame.to_ndarray()[: frame.height], np.uint8)
            for frame in container.decode(video=0)
        ]


def red_face() -> NDArray[np.uint8]:
    """A portrait that is black but for a red ellipse in the place of the face."""
    x, y, width, height = FACE
    rows, columns = np.mgrid[:512, :512] + 0.5
    inside = ((columns - x) / width * 2 - 1) ** 2 + ((rows - y) / height * 2 - 1) ** 2 <= 1
    picture = np.zeros((512, 512, 3), np.uint8)
    picture[inside, 0] = 255
    return picture


def test_footage_has_the_size_rate_and_length_asked_for(footage: Path) -> None:
    with av.open(footage) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (640, 360, Fraction(30))
        assert sum(1 for _ in container.decode(stream)) == 120


def test_labels_have_the_form_of_other_labelled_clips(footage: Path) -> None:
    labels = json.loads(footage.with_suffix(".json").read_text())
    assert (labels["width"], labels["height"], len(labels["frames"])) == (640, 360, 120)
    assert set(labels["frames"][0][0]) == {"track", "bbox"}


def test_the_face_leaves_the_view_and_comes_back(footage: Path) -> None:
    seen = [bool(faces) for faces in read_labels(footage.with_suffix(".json"))["frames"]]
    assert seen[0]
    assert seen[-1]
    assert not all(seen)


def test_labels_lie_inside_the_frame(footage: Path) -> None:
    labels = read_labels(footage.with_suffix(".json"))
    boxes = np.array([face["bbox"] for faces in labels["frames"] for face in faces])
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 0] + boxes[:, 2] <= 640.1).all()
    assert (boxes[:, 1] + boxes[:, 3] <= 360.1).all()


def test_the_label_of_an_upright_face_is_the_portraits_box_scaled() -> None:
    box = Scene(640, 360).face(STILL)
    scale = 0.3 * 360 / FACE[3]
    assert box == pytest.approx(
        (320 - FACE[2] * scale / 2, 180 - 54, FACE[2] * scale, 108), rel=0.01
    )


@pytest.mark.parametrize(
    "pose", [STILL, Pose(0.4, 0.6, 0.2, 40, 10, 1), Pose(0.1, 0.4, 0.5, -30, -8, 1)]
)
def test_the_label_is_where_the_face_is_drawn(pose: Pose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skimage.data.astronaut", red_face)
    scene = Scene(640, 360)
    red = scene.picture([pose], 0)[450:].reshape(180, 320) > 190
    rows, columns = np.nonzero(red.any(axis=1))[0], np.nonzero(red.any(axis=0))[0]
    drawn = (columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0])
    assert scene.face(pose) == pytest.approx([2 * side for side in drawn], abs=3)


@pytest.mark.parametrize(
    "pose",
    [
        Pose(x=-0.02, y=0.5, size=0.3, turn=0, tilt=0, light=1),
        Pose(x=0.5, y=0.5, size=0.3, turn=LARGEST_TURN + 1, tilt=0, light=1),
        Pose(x=0.5, y=0.5, size=0.03, turn=0, tilt=0, light=1),
    ],
    ids=["more out of view than in", "turned away", "tiny"],
)
def test_a_face_is_not_labelled_when_it_is(pose: Pose) -> None:
    assert Scene(640, 360).face(pose) is None


def test_the_path_shows_faces_from_24_pixels_wide_to_400_high_in_the_dark_and_turned_away() -> None:
    camera, scene = CameraPath(0), Scene(1280, 720)
    poses = [camera.at(number / 30) for number in range(round(LENGTH * 30))]
    boxes = [box for box in map(scene.face, poses) if box is not None]
    assert min(box[2] for box in boxes) == pytest.approx(24, abs=2)
    assert max(box[3] for box in boxes) == pytest.approx(400, abs=10)
    assert min(pose.light for pose in poses) == pytest.approx(0.25, abs=0.01)
    assert max(pose.turn for pose in poses) > 80


def test_a_moving_camera_blurs_the_picture() -> None:
    scene = Scene(640, 360)
    moved = Pose(x=0.52, y=0.5, size=0.3, turn=0, tilt=0, light=1)
    sharp, blurred = scene.picture([STILL], 0), scene.picture([STILL, moved], 0)
    assert np.diff(blurred[:360].astype(int)).std() < 0.9 * np.diff(sharp[:360].astype(int)).std()


def test_the_same_seed_makes_the_same_pictures_and_another_does_not(tmp_path: Path) -> None:
    pictures = []
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        make_footage(tmp_path / f"{name}.mp4", width=128, height=72, seconds=0.2, seed=seed)
        pictures.append(np.stack(decode(tmp_path / f"{name}.mp4")))
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


def test_cuts_are_where_the_picture_changes_at_once(footage_with_cuts: Path) -> None:
    pictures = np.stack([picture[::8, ::8] for picture in decode(footage_with_cuts)]).astype(int)
    changes = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2))
    cuts = read_labels(footage_with_cuts.with_suffix(".json"))["cuts"]
    assert cuts == [45, 90, 135]
    assert sorted(np.argsort(changes)[-3:] + 1) == cuts
