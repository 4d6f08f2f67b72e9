"""`anoncam anonymize` on a folder: everything in it is written, or listed with the reason."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.errors import InputError, StorageError
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

UNREAD = 14


def test_a_table_says_what_was_refused_and_why(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    pages = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    pages[0].save(source / "plain.png")
    pages[0].save(source / "pages.tif", save_all=True, append_images=pages[1:])
    (source / "notes.txt").write_text("hello")
    ended = anoncam("anonymize", source, "-o", output)
    assert ended.returncode == UNREAD, ended.stderr
    assert f"done     {source / 'plain.png'}" in ended.stdout
    assert "refused" in ended.stdout
    assert "2 pages" in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("1 done")
    assert [path.name for path in output.iterdir()] == ["plain.png"]
    ended = anoncam("anonymize", source, "-o", output, "--force", "--json")
    results = json.loads(ended.stdout)
    assert [(Path(each["input"]).name, bool(each["error"])) for each in results] == [
        ("plain.png", False),
        ("pages.tif", True),
    ]


def test_links_keep_their_names_and_those_that_lead_nowhere_stop_no_others(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "elsewhere.png")
    (source / "a.png").symlink_to("../elsewhere.png")
    (source / "nowhere.png").symlink_to(tmp_path / "missing.png")
    (source / "itself.png").symlink_to("itself.png")
    output.mkdir()
    (output / "itself.png").symlink_to("itself.png")
    ended = anoncam("anonymize", source, "-o", output)
    assert ended.returncode == InputError.exit_code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout.splitlines()[-4:-1] == [
        f"done     {source / 'a.png'}",
        f"refused  {source / 'itself.png'} cannot be read: Too many levels of symbolic links",
        f"refused  {source / 'nowhere.png'} does not exist",
    ]


def test_a_relative_folder_is_named_alike_in_all_of_the_report(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    Image.new("RGB", (64, 48)).save(source / "a.png")
    (source / "data.bin").write_bytes(b"\0\1")
    relative = os.path.relpath(source)
    ended = anoncam("anonymize", relative, "-o", tmp_path / "out", "--json")
    inputs = [each["input"] for each in json.loads(ended.stdout)]
    assert inputs == [str(source / "a.png"), str(source / "data.bin")]


def test_transparency_is_kept_and_hides_what_it_hid(tmp_path: Path) -> None:
    rgba = np.dstack([astronaut(), np.full((512, 512), 255, np.uint8)])
    rgba[300:, 300:, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "in.png")
    assert anoncam("anonymize", tmp_path / "in.png", "-o", tmp_path / "out.png").returncode == 0
    with Image.open(tmp_path / "out.png") as picture:
        after = np.asarray(picture)
    assert np.array_equal(after[..., 3], rgba[..., 3])
    assert (after[300:, 300:, :3] == 0).all()
    assert abs(after[200:300, :, :3].astype(int) - rgba[200:300, :, :3]).mean() < 8


def test_a_grey_photograph_keeps_its_contrast(tmp_path: Path) -> None:
    grey = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (64, 1))
    Image.fromarray(grey).save(tmp_path / "in.jpg", quality=95)
    assert anoncam("anonymize", tmp_path / "in.jpg", "-o", tmp_path / "out.jpg").returncode == 0
    with Image.open(tmp_path / "out.jpg") as picture:
        after = np.asarray(picture.convert("L")).astype(int)
    assert abs(after - grey).max() < 8


@pytest.mark.parametrize(("key", "limit"), [("max_pixels", "1000"), ("max_memory", "50MB")])
def test_a_file_beyond_a_limit_is_refused_with_the_key_that_raises_it(
    tmp_path: Path, key: str, limit: str
) -> None:
    Image.fromarray(astronaut()).save(tmp_path / "in.png")
    ended = anoncam(
        "anonymize",
        tmp_path / "in.png",
        "-o",
        tmp_path / "out.png",
        environment={f"ANONCAM__FILES__{key.upper()}": limit},
    )
    assert ended.returncode == 3
    assert f"raise files.{key}" in ended.stderr
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(("name", "channels"), [("in.jpg", 3), ("in.png", 4)])
def test_one_large_picture_takes_little_memory(tmp_path: Path, name: str, channels: int) -> None:
    small = np.random.default_rng(0).integers(0, 256, (75, 100, channels), np.uint8)
    Image.fromarray(small).resize((4000, 3000)).save(tmp_path / name)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from anoncam.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        # ru_maxrss would count what the process of the tests had before the exec.
        "peak = Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
        "print(int(peak) // 1024, file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "anonymize", tmp_path / name, "-o", tmp_path / f"o{name}"],
        capture_output=True,
        text=True,
        check=True,
    )
    base, decoded = 100, 12 * channels
    assert int(ended.stderr.split()[-1]) < base + 4 * decoded


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("06-gray.jpg", "06-gray.jpg"),
        ("07-alpha-hidden-text.png", "07-alpha-hidden-text.png"),
        ("09-still.heic", "09-still.jpg"),
        ("09c-still.avif", "09c-still.jpg"),
        ("09d-avif-named.jpg", "09d-avif-named.jpg"),
        ("10b-apng.png", "10b-apng.mp4"),
    ],
)
def test_the_pictures_handed_over_are_written_as_what_they_are(
    shared: Path, tmp_path: Path, name: str, result: str
) -> None:
    ended = anoncam("anonymize", shared / "data/cases/media" / name, "-o", tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == [result]


def test_a_file_that_cannot_be_written_does_not_stop_the_others(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    # WebP has at most 16383 pixels a side.
    Image.new("RGB", (16, 20000)).save(source / "a.png")
    Image.new("RGB", (64, 48)).save(source / "b.png")
    (source / "a.png").rename(source / "a.webp")
    ended = anoncam("anonymize", source, "-o", tmp_path / "out")
    assert ended.returncode == StorageError.exit_code
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.png"]
    assert "Traceback" not in ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("1 done")


@pytest.mark.parametrize("limit", [500_000, 650_000, 800_000, 1_000_000])
def test_a_lack_of_memory_is_told_in_one_line(tmp_path: Path, limit: int) -> None:
    Image.new("RGB", (8000, 6000)).save(tmp_path / "in.png")
    command = f'ulimit -v {limit} && exec "$0" -m anoncam anonymize "$1" -o "$2"'
    ended = subprocess.run(
        ["sh", "-c", command, sys.executable, tmp_path / "in.png", tmp_path / "out.png"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ended.stderr
    if ended.returncode:
        assert "memory" in ended.stderr.splitlines()[-1]
        assert not (tmp_path / "out.png").exists()
