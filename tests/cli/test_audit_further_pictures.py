"""`anoncam audit` looks at every picture of a file, or does not end with 0."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from tests.support.clips import make_clip
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

FACES, UNREAD = 13, 14
GREY = Image.new("RGB", (320, 240), (90, 90, 90))


def audited(*places: Path) -> tuple[int, dict[str, Any]]:
    ended = anoncam("audit", "--json", *places)
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def portrait_bytes(folder: Path) -> bytes:
    path = folder.parent / f"{folder.name}-face.jpg"
    Image.fromarray(astronaut()).resize((160, 160)).save(path)
    return path.read_bytes()


def test_a_thumbnail_that_still_shows_a_face_is_found(tmp_path: Path) -> None:
    path = tmp_path / "covered.jpg"
    thumbnail = portrait_bytes(tmp_path)
    GREY.save(path)
    plain = path.read_bytes()
    # Pillow does not write thumbnails: one in a comment is as good.
    body = b"\xff\xfe" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    path.write_bytes(plain[:2] + body + plain[2:])
    code, result = audited(path)
    assert code == FACES
    assert "JPEG at byte" in result["findings"][0]["file"]


def test_a_video_or_picture_behind_a_photograph_is_found(footage: Path, tmp_path: Path) -> None:
    GREY.save(tmp_path / "motion.jpg")
    with (tmp_path / "motion.jpg").open("ab") as file:
        file.write(footage.read_bytes())
    code, result = audited(tmp_path / "motion.jpg")
    assert code == FACES
    assert "MP4" in result["findings"][0]["file"]


def test_colours_under_transparency_are_reported(tmp_path: Path) -> None:
    rgba = np.dstack([astronaut(), np.zeros((512, 512), np.uint8)])
    Image.fromarray(rgba).save(tmp_path / "hidden.png")
    code, result = audited(tmp_path / "hidden.png")
    assert code == UNREAD
    assert "transparency hides" in result["unseen"][0]


def test_a_second_stream_of_video_is_searched(footage: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(footage) as source, av.open(path, "w") as target:
        grey = target.add_stream("libx264", rate=30)
        grey.width, grey.height, grey.pix_fmt = 320, 240, "yuv420p"
        copy = target.add_stream_from_template(source.streams.video[0])
        frame = av.VideoFrame.from_ndarray(np.asarray(GREY), "rgb24")
        frame.pts, frame.time_base = 0, Fraction(1, 30)
        target.mux(grey.encode(frame))
        target.mux(grey.encode())
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    code, result = audited(path)
    assert code == FACES
    assert "stream" in result["findings"][0]["file"]


def test_kinds_that_cannot_be_read_have_an_exit_code_and_a_list(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.avi", times=range(3))
    GREY.save(tmp_path / "page.tif")
    GREY.save(tmp_path / "odd name.gif")
    (tmp_path / "notes.txt").write_text("no picture")
    code, result = audited(tmp_path)
    assert (code, result["unseen"]) == (0, [])
    assert len(result["files"]) == 3
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7\n\xff\xfe")
    (tmp_path / "drawing.svg").write_text("<svg></svg>")
    code, result = audited(tmp_path)
    assert code == UNREAD
    assert len(result["unseen"]) == 2
    people = anoncam("audit", tmp_path)
    assert people.stdout.count("NOT SEEN") == 2


@pytest.mark.parametrize(
    "name",
    [
        "08-audit-exif-thumbnail-face.jpg",
        "08b-audit-motion-photo.jpg",
        "08d-audit-cover-art-face.mp4",
        "08f-heic-two-images.heic",
    ],
)
def test_the_files_handed_over_show_their_faces_until_they_are_anonymized(
    shared: Path, tmp_path: Path, name: str
) -> None:
    path = shared / "data/cases/media" / name
    code, result = audited(path)
    assert code == FACES
    assert all(each["file"] != str(path) for each in result["findings"])
    assert anoncam("anonymize", path, "-o", tmp_path).returncode == 0
    code, result = audited(tmp_path)
    assert (code, result["unseen"]) == (0, [])
