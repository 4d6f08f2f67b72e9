import json
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from tools.leakrate.clips.clip_file import make_clip as make_clip_of
from tools.leakrate.clips.pan_and_zoom import FRAMES
from tools.leakrate.clips.still import HEIGHT, WIDTH
from tools.leakrate.labels import read_labels

make_clip = partial(make_clip_of, "pan-and-zoom")

FACE = [178.0, 65.0, 92.0, 114.0]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two portraits with their face, and a box of four pixels."""
    folder = tmp_path / "faces"
    folder.mkdir()
    images, annotations = [], []
    for number in (1, 2):
        Image.fromarray(skimage.data.astronaut()).save(folder / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 512, "height": 512})
        annotations += [{"image_id": number, "bbox": box} for box in (FACE, [200, 300, 4, 4])]
    (tmp_path / "faces.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    return folder


def frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(path) as container:
        return [
            frame.to_ndarray(format="gray").astype(np.uint8) for frame in container.decode(video=0)
        ]


def test_a_clip_shows_each_picture_for_its_frames_with_the_labels_in_their_places(
    pictures: Path, tmp_path: Path
) -> None:
    clip = make_clip(pictures, tmp_path / "cache", count=5)
    labelled = read_labels(clip)
    shown = frames(clip)
    assert len(shown) == len(labelled.faces) == len(labelled.others) == 2 * FRAMES
    assert shown[0].shape == (HEIGHT, WIDTH)
    boxes = [face.box for frame in labelled.faces for face in frame]
    assert boxes
    assert all(
        x >= 0 and y >= 0 and x + w <= WIDTH and y + h <= HEIGHT and h >= 20 for x, y, w, h in boxes
    )
    assert all(
        face.track // 1000 == number // FRAMES
        for number, frame in enumerate(labelled.faces)
        for face in frame
    )
    assert not any(box[3] >= 20 and box in boxes for frame in labelled.others for box in frame)


def test_the_labelled_box_holds_the_same_face_while_the_window_moves(
    pictures: Path, tmp_path: Path
) -> None:
    clip = make_clip(pictures, tmp_path / "cache", count=1)
    labelled, shown = read_labels(clip), frames(clip)
    with Image.open(pictures / "1.png") as opened:
        x, y, width, height = (int(side) for side in FACE)
        face = opened.convert("L").crop((x, y, x + width, y + height)).resize((32, 32))
    wanted = np.asarray(face, float)
    for frame, faces in zip(shown, labelled.faces, strict=True):
        for each in faces:
            left, top, across, down = (round(side) for side in each.box)
            seen = Image.fromarray(frame[top : top + down, left : left + across]).resize((32, 32))
            likeness = np.corrcoef(np.asarray(seen, float).ravel(), wanted.ravel())[0, 1]
            assert likeness > 0.9


def test_the_same_seed_gives_the_same_labels_and_another_one_others(
    pictures: Path, tmp_path: Path
) -> None:
    first = make_clip(pictures, tmp_path / "one", count=2)
    second = make_clip(pictures, tmp_path / "two", count=2)
    other = make_clip(pictures, tmp_path / "two", count=2, seed=1)
    assert read_labels(first) == read_labels(second)
    assert read_labels(other) != read_labels(second)
    for one, again in zip(frames(first), frames(second), strict=True):
        # The threads of the encoder may round differently.
        assert np.abs(one.astype(int) - again).mean() < 2


def test_a_picture_is_filmed_in_the_same_way_among_few_as_among_many(
    pictures: Path, tmp_path: Path
) -> None:
    few = read_labels(make_clip(pictures, tmp_path, count=1))
    many = read_labels(make_clip(pictures, tmp_path, count=2))
    assert many.faces[:FRAMES] == few.faces


def test_a_clip_in_the_cache_is_not_made_again(pictures: Path, tmp_path: Path) -> None:
    clip = make_clip(pictures, tmp_path, count=1)
    clip.write_bytes(b"kept")
    assert make_clip(pictures, tmp_path, count=1).read_bytes() == b"kept"
