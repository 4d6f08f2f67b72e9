import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from anoncam.cli.main import commands
from tests.support.checkout import ROOT

DEFAULT = ROOT / "config.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "garden.yaml"


def check(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(commands, ["check-config", *map(str, arguments)], env=environment)


def test_a_good_file_is_valid_in_one_line() -> None:
    result = check(DEFAULT)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{DEFAULT}: valid (nothing differs from the defaults)\n"


def test_a_key_that_differs_is_named_without_its_value(file: Path) -> None:
    file.write_text("source: {type: rtsp, address: 'rtsp://user:hunter2@camera/1'}")
    result = check(file)
    assert (
        result.stdout == f"{file}: valid (source.type, source.address differ from the defaults)\n"
    )


def test_a_bad_file_ends_with_2_and_every_problem_on_a_line_of_stderr(file: Path) -> None:
    file.write_text("detector:\n  rate: 400\n  thread: 2\n")
    result = check(file, ANONCAM__COVERAGE__HOLD="x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.partition(" is ")[0] for line in result.stderr.splitlines()] == [
        f"{file}:2: detector.rate:",
        f"{file}:3: detector.thread:",
        "environment: ANONCAM__COVERAGE__HOLD: coverage.persistence:",
    ]


def test_a_missing_file_ends_with_2_and_one_line(file: Path) -> None:
    result = check(file)
    assert result.exit_code == 2
    assert (
        result.stderr
        == f"{file}: cannot be read (No such file or directory), must be a readable file\n"
    )


def test_a_model_that_is_not_there_is_a_problem_with_its_place(file: Path) -> None:
    file.write_text("detector:\n  model: anoncam-face-32x32\n")
    result = check(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{file}:2: detector.model: cannot read model")
    assert "shipped models: anoncam-face-320x320" in result.stderr


def test_json_holds_the_same_verdict(file: Path) -> None:
    file.write_text("detector:\n  rate: 400\n")
    result = check(file, "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "file": str(file),
        "valid": False,
        "changed": [],
        "problems": [
            {
                "place": str(file),
                "line": 2,
                "key": "detector.rate",
                "what": "is 400, must be a number from 0 to 240 (frames per second)",
            }
        ],
        "advice": [],
    }


def test_json_of_a_good_file_names_what_differs(file: Path) -> None:
    file.write_text("detector:\n  rate: 4\n")
    result = check(file, "--json")
    assert result.exit_code == 0
    verdict = {
        "file": str(file),
        "valid": True,
        "changed": ["detector.rate"],
        "problems": [],
        "advice": [],
    }
    assert json.loads(result.stdout) == verdict


def test_a_file_that_would_veil_most_frames_is_valid_and_gets_advice(file: Path) -> None:
    file.write_text("detector:\n  rate: 1\n")
    result = check(file)
    assert result.exit_code == 0
    assert [line.partition(": most")[0] for line in result.stderr.splitlines()] == [
        f"advice: {file}:2: detector.rate"
    ] * 2
    assert [each["line"] for each in json.loads(check(file, "--json").stdout)["advice"]] == [2, 2]


def test_help_has_an_example_and_the_default_file() -> None:
    result = check("--help")
    assert "$ anoncam check-config garden.yaml" in result.stdout
    assert "/etc/anoncam/config.yaml" in result.stdout


def test_a_variable_of_a_wrong_name_gets_advice_beside_a_good_file_and_a_bad_one(
    file: Path,
) -> None:
    expected = "advice: environment: ANONCAM_SOURCE_TYPE: has no effect, did you mean "
    for text, code in (("", 0), ("source: {address: 'rtsp://camera/1'}", 2)):
        file.write_text(text)
        result = check(file, ANONCAM_SOURCE_TYPE="rtsp")
        assert result.exit_code == code
        assert f"{expected}ANONCAM__SOURCE__TYPE?\n" in result.stderr


def test_frames_too_large_for_the_memory_get_advice_with_the_keys_that_lower_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anoncam.doctor.memory_need.total_memory", lambda machine: 400_000_000)
    file.write_text("source:\n  type: v4l2\n  height: 2160\n  width: 3840\n")
    result = check(file)
    assert result.exit_code == 0
    assert result.stderr == (
        f"advice: {file}:4: source.width: recording 3840x2160 needs about 595 MB, 286 MB of it "
        "locked; this machine has 400 MB; lower source.width, source.height, source.fps or "
        "coverage.look_ahead\n"
    )


@pytest.mark.parametrize("type_", ["rtsp", "file"])
def test_no_advice_is_given_on_frames_whose_size_is_not_configured(
    file: Path, monkeypatch: pytest.MonkeyPatch, type_: str
) -> None:
    monkeypatch.setattr("anoncam.doctor.memory_need.total_memory", lambda machine: 1)
    address = "rtsp://camera/1" if type_ == "rtsp" else "/a.mp4"
    file.write_text(f"source: {{type: {type_}, address: '{address}'}}")
    assert check(file).stderr == ""


def test_a_password_file_that_others_can_read_is_a_problem_with_its_place(
    file: Path, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("hunter2")
    password.chmod(0o644)
    file.write_text(
        "source:\n  type: rtsp\n  address: rtsp://camera/1\n  user: admin\n"
        f"  password_file: {password}\n"
    )
    result = check(file)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}:5: source.password_file: others may use {password}")
    assert "hunter2" not in result.stderr
    password.chmod(0o600)
    assert check(file).exit_code == 0


def test_a_password_in_a_file_that_others_can_read_brings_advice(file: Path) -> None:
    file.write_text("source: {type: rtsp, address: 'rtsp://user:hunter2@camera/1'}")
    file.chmod(0o640)
    result = check(file)
    assert result.exit_code == 0
    assert "source.address: holds a secret, and others may read this file (mode 0640)" in (
        result.stderr
    )
    file.chmod(0o600)
    assert check(file).stderr == ""


def test_a_password_in_a_drop_in_that_others_can_read_brings_advice_too(file: Path) -> None:
    file.write_text("source: {type: rtsp}")
    drop_in = file.with_suffix(".d") / "camera.yaml"
    drop_in.parent.mkdir()
    drop_in.write_text("source: {address: 'rtsp://user:hunter2@camera/1'}")
    drop_in.chmod(0o644)
    result = check(file)
    assert result.exit_code == 0
    assert f"{drop_in}:1: source.address: holds a secret, and others may read this file" in (
        result.stderr
    )
    assert "hunter2" not in result.stderr
    drop_in.chmod(0o600)
    assert check(file).stderr == ""
