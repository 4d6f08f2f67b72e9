"""`python -m tools.leakrate` on real outputs: untouched, veiled, and anonymized."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings, CoverageSettings
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage
from tools.leakrate.equal_area import STARTS

pytestmark = pytest.mark.integration

UNTOUCHED = "untouched=cp {input} {output}"


def leakrate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.leakrate", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=250)


def measured(*arguments: str | Path) -> dict[str, Any]:
    ended = leakrate("--json", *arguments)
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def faces_of(clip: Path) -> list[list[object]]:
    frames: list[list[object]] = json.loads(clip.with_suffix(".json").read_text())["frames"]
    return frames


@pytest.fixture(scope="module")
def veiled(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The footage under the daemon's own veil."""
    path = tmp_path_factory.mktemp("veiled") / "veiled.mp4"
    anonymizer = Anonymizer(AnonymizerSettings())
    with av.open(footage) as source, av.open(path, "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        pool = FramePool(tight(640, 360), 1)
        raw = pool.acquire()
        assert raw is not None
        for number, frame in enumerate(source.decode(video=0)):
            raw.buffer[:] = frame.to_ndarray(format="yuv420p")
            anonymizer.apply(raw, Coverage(veil="a test"))
            video = av.VideoFrame.from_ndarray(np.array(raw.buffer), "yuv420p")
            video.pts, video.time_base = number, Fraction(1, 30)
            target.mux(stream.encode(video))
        target.mux(stream.encode())
    return path


def test_an_untouched_video_leaks_every_face_and_a_veiled_one_none(
    footage: Path, veiled: Path, tmp_path: Path
) -> None:
    script = tmp_path / "veil.sh"
    script.write_text(f'cp "{veiled}" "$2"\n')
    programs = measured(
        footage,
        *("--program", UNTOUCHED),
        *("--program", f"veiled=sh {script} {{input}} {{output}}"),
        *("--cache", tmp_path),
    )["programs"]
    untouched, hidden = (each["faces"] for each in programs)
    assert untouched["leaked"] == untouched["total"] > 50
    assert hidden == {"leaked": 0, "total": untouched["total"]}
    assert [each["tracks"]["leaked"] for each in programs] == [1, 0]
    assert programs[0]["falsely_covered"] is None, "this program does not report what it covers"


def test_anoncam_is_measured_with_its_covered_area_and_the_curves_of_its_settings(
    footage: Path, tmp_path: Path
) -> None:
    result = measured(footage, "--program", "anoncam", "--curve", "--cache", tmp_path)
    (ours,) = result["programs"]
    assert ours["faces"]["leaked"] < 0.1 * ours["faces"]["total"]
    assert 0 < ours["falsely_covered"] < ours["covered"] < 0.5
    assert ours["frames"] == 120
    by_persistence = {point["program"]: point for point in result["curves"]["persistence (s)"]}
    assert (
        by_persistence["0.4"]["falsely_covered"]
        < by_persistence["1"]["falsely_covered"]
        < by_persistence["2"]["falsely_covered"]
    )
    # With 2 s, the face that comes back is joined with the one that left.
    assert by_persistence["2"]["faces"]["leaked"] <= by_persistence["0.2"]["faces"]["leaked"]
    # Settings are compared by what they would cover. The defaults cover what was covered above.
    assert by_persistence["0.4"]["covered"] == pytest.approx(ours["covered"], abs=0.01)


def test_detectors_are_compared_with_the_one_in_force(footage: Path, tmp_path: Path) -> None:
    other = "anoncam-face-320x320"
    coverage = CoverageSettings()
    thresholds = f"{coverage.start_threshold}/{coverage.keep_threshold}"
    given = [f"auto={thresholds}", f"{other}={thresholds}", "auto"]
    result = measured(footage, *(f"--model={each}" for each in given), "--cache", tmp_path)
    same, small, *fitted = result["points"]
    assert same == result["in_force"]
    assert small["detector"] == other
    assert small["kinds"] != same["kinds"]
    assert {(point["detector"], point["start"]) for point in fitted} == {
        ("auto", start) for start in STARTS
    }
    (refound,) = (point for point in fitted if point["start"] == coverage.start_threshold)
    assert refound["kinds"] == same["kinds"], "fitted to its own area, it covers what it covered"
    assert result["faces"] == {footage.stem: sum(map(len, faces_of(footage)))}


def test_a_config_that_detects_nothing_leaks_every_face_with_that_reason(
    footage: Path, tmp_path: Path
) -> None:
    blind = tmp_path / "blind.yaml"
    blind.write_text("coverage: {start_threshold: 1, keep_threshold: 1}\n")
    (ours,) = measured(footage, "--program", "anoncam", "--config", blind, "--cache", tmp_path)[
        "programs"
    ]
    assert ours["faces"]["leaked"] > 0.95 * ours["faces"]["total"]
    assert ours["reasons"]["never detected"] == ours["faces"]["leaked"]


def test_leaks_are_told_by_time_in_view_and_labels_without_a_face_apart(
    footage: Path, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(footage.read_bytes())
    labels = json.loads(footage.with_suffix(".json").read_text())
    for frame in labels["frames"][:3]:
        frame.append({"track": 99, "bbox": [10, 10, 30, 30], "unseen": False})
        frame.append({"track": 100, "bbox": [60, 10, 30, 30], "unseen": True})
    clip.with_suffix(".json").write_text(json.dumps(labels))
    (program,) = measured(clip, "--program", UNTOUCHED, "--cache", tmp_path)["programs"]
    assert program["times"]["1"]["total"] == 3
    assert program["unseen"]["total"] == 3
    assert program["faces"]["total"] == sum(map(len, labels["frames"])) - 3


def test_a_table_is_printed_for_people(footage: Path, tmp_path: Path) -> None:
    ended = leakrate(footage, "--program", UNTOUCHED, "--cache", tmp_path)
    assert "| leaked face-frames | 100.00% (" in ended.stdout


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("broken=false {input} {output}", "ended with 1"),
        ("half=sh -c 'head -c 30000 {input} >{output}'", "cannot be read"),
        ("none", "NAME=COMMAND"),
        ("idle=true", "lacks {input} or {output}"),
    ],
)
def test_a_program_that_fails_is_an_error_without_a_traceback(
    footage: Path, tmp_path: Path, command: str, problem: str
) -> None:
    ended = leakrate(footage, "--program", command, "--cache", tmp_path)
    assert ended.returncode != 0
    assert problem in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_output_with_another_number_of_frames_is_an_error(
    footage: Path, veiled: Path, tmp_path: Path
) -> None:
    short = tmp_path / "short.json"
    clip = tmp_path / "short.mp4"
    clip.write_bytes(footage.read_bytes())
    labels = json.loads(footage.with_suffix(".json").read_text())
    labels["frames"] = labels["frames"][:50]
    short.write_text(json.dumps(labels))
    ended = leakrate(clip, "--program", UNTOUCHED, "--cache", tmp_path)
    assert "does not have as many frames" in ended.stderr


def test_a_clip_without_labels_is_an_error(footage: Path, tmp_path: Path) -> None:
    clip = tmp_path / "alone.mp4"
    clip.write_bytes(footage.read_bytes())
    ended = leakrate(clip, "--program", UNTOUCHED, "--cache", tmp_path)
    assert "the labels are expected in a JSON file beside the clip" in ended.stderr


def test_the_output_of_an_earlier_run_is_used_with_reuse(footage: Path, tmp_path: Path) -> None:
    once = tmp_path / "once.sh"
    once.write_text(f'mkdir "{tmp_path}/ran" && cp "$1" "$2"\n')
    arguments: list[str | Path] = [
        footage,
        "--program",
        f"slow=sh {once} {{input}} {{output}}",
        "--cache",
        tmp_path / "cache",
    ]
    first = measured(*arguments)
    assert measured(*arguments, "--reuse", "slow") == first
    assert "ended with 1" in leakrate(*arguments).stderr
