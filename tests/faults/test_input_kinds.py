"""Every kind of file that libav can make here, whole and damaged, through the real command."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.recording.picture_writer import is_picture_name
from tests.faults.checking import likeness, play
from tests.faults.filming import HEIGHT, WIDTH, Film
from tests.faults.kinds import FIRST, FRAMES, damaged, every_codec, every_container
from tests.support.watching import luma

_LONGEST = 240

_SHOWS, _HIDDEN = 0.8, 0.5
"""Likeness of a face: what a codec leaves of a clear one, and what squares leave of it."""

USUAL = {
    *(
        "codec-libx264",
        "codec-libx265",
        "codec-libvpx",
        "codec-libvpx-vp9",
        "codec-libsvtav1",
        "codec-mpeg4",
    ),
    *(
        "codec-mpeg2video",
        "codec-mjpeg",
        "codec-prores",
        "codec-ffv1",
        "codec-h263",
        "codec-wmv2",
        "codec-gif",
    ),
    *(
        "container-mp4",
        "container-mov",
        "container-matroska",
        "container-webm",
        "container-avi",
        "container-flv",
    ),
    *(
        "container-mpegts",
        "container-mpeg",
        "container-asf",
        "container-ogv",
        "container-3gp",
        "container-m4v",
    ),
}
"""What people have."""

DAMAGED = [
    *(
        "container-mp4",
        "container-matroska",
        "container-avi",
        "container-mpegts",
        "container-flv",
        "container-ogv",
    ),
    *(
        "container-asf",
        "container-nut",
        "container-gif",
        "container-mpeg",
        "container-webp",
        "codec-libsvtav1",
    ),
    *(
        "codec-libvpx-vp9",
        "codec-libx265",
        "codec-mjpeg",
        "codec-png",
        "codec-ffv1",
        "codec-prores",
    ),
]
PER_KIND = 16

Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, film: Film) -> list[Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return [*every_codec(folder, film), *every_container(folder, film)]


def anonymized(inputs: Sequence[Path], target: Path) -> Results:
    """Run the command once over all inputs; its report on each, by the name without its ending."""
    target.mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "anoncam", "anonymize", "--json", "-o", target, *inputs],
        check=False,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        errors="replace",
        env={**os.environ, "ANONCAM__DETECTOR__RATE": "0"},
    )
    assert ended.returncode in (0, 3, 5), ended.stderr[-2000:]
    assert "Traceback" not in ended.stderr
    results = json.loads(ended.stdout)
    assert [result["input"] for result in results] == [str(path) for path in inputs]
    return {Path(result["input"]).stem: result for result in results}


def check(result: dict[str, Any]) -> None:
    """The input was anonymized or the error is clear, and nothing partial has the final name."""
    error, output = result["error"], result["output"]
    assert output or error
    if error:
        assert Path(result["input"]).stem in error, error
        assert len(error.splitlines()) == 1
    if output:
        assert len(looked_at(Path(output))) == result["frames"] > 0


def looked_at(output: Path) -> list[NDArray[np.uint8]]:
    """All pictures in a whole file."""
    return luma(output) if is_picture_name(output) else play(output)


def shows(film: Film, output: Path, source: Path) -> bool:
    """Whether the face can be seen in the output, where it can in the input."""
    try:
        clear = luma(source)
    except (av.FFmpegError, ValueError):
        return False
    pictures = zip(clear, looked_at(output), range(FIRST, FIRST + FRAMES), strict=False)
    return any(
        likeness(film.clear[number], before, face) > _SHOWS
        and likeness(film.clear[number], after, face) > _HIDDEN
        for before, after, number in pictures
        if before.shape == after.shape == (HEIGHT, WIDTH)
        for face in film.faces[number]
    )


def test_every_container_and_codec_is_anonymized_or_refused_with_a_clear_error(
    files: list[Path], film: Film, tmp_path: Path
) -> None:
    results = anonymized(files, tmp_path / "out")
    for result in results.values():
        check(result)
    whole = {name for name, result in results.items() if result["output"] and not result["error"]}
    assert whole >= USUAL, USUAL - whole
    assert len(whole) > len(results) * 2 // 3, sorted(set(results) - whole)
    assert {Path(result["output"]) for result in results.values() if result["output"]} == set(
        (tmp_path / "out").iterdir()
    )
    paths = {path.stem: path for path in files}
    assert not [name for name in whole if shows(film, Path(results[name]["output"]), paths[name])]


@pytest.mark.parametrize("part", range(3))
def test_every_damaged_file_is_anonymized_as_far_as_it_goes_or_refused_with_a_clear_error(
    files: list[Path], tmp_path: Path, part: int
) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    chosen = [path for path in files if path.stem in DAMAGED[part::3]]
    inputs = [broken for path in chosen for broken in damaged(path, folder, PER_KIND)]
    results = anonymized(inputs, tmp_path / "out")
    for result in results.values():
        check(result)
    assert {Path(result["output"]) for result in results.values() if result["output"]} == set(
        (tmp_path / "out").iterdir()
    )
    assert sum(result["error"] is not None for result in results.values()) > len(inputs) // 10
