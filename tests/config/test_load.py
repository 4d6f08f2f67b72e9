import logging
import os
import traceback
from pathlib import Path

import pytest

from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config
from anoncam.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def problems(file: Path, text: str | bytes, **environment: str) -> list[str]:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InvalidConfigError) as caught:
        load(file, environment)
    lines = [str(problem).replace(f"{file}:", "") for problem in caught.value.problems]
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return lines


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a remark\n", "---\n", "~\n", "{}\n", "\ufeff{}"]
)
def test_an_empty_file_means_the_defaults(file: Path, text: str) -> None:
    file.write_text(text)
    assert load(file, {}) == Config()


def test_no_file_means_the_defaults() -> None:
    assert load(None, {"HOME": "/root"}) == Config()


def test_a_file_sets_what_it_names_and_leaves_the_rest(file: Path) -> None:
    file.write_text(
        "source: {type: rtsp, address: 'rtsp://u:p@camera/1'}\r\n"
        "anonymizer:\r\n  zones: [[[0, 0], [0.5, 0], [0, 1]]]\r\n"
        "recording:\r\n  folder: /srv/footage\r\n"
        "  retention: {max_size: 1.5 TB, min_free: 200MiB, max_age: 14}\r\n"
    )
    config = load(file, {})
    assert config.source.address == "rtsp://u:p@camera/1"
    assert config.anonymizer.zones == (((0.0, 0.0), (0.5, 0.0), (0.0, 1.0)),)
    assert config.recording.folder == Path("/srv/footage")
    assert config.recording.retention.max_size == 1_500_000_000_000
    assert config.recording.retention.min_free == 200 * 1024 * 1024
    assert config.recording.retention.max_age == 14
    assert config.detector == Config().detector


def test_all_problems_come_at_once_in_the_order_of_the_file(file: Path) -> None:
    lines = problems(
        file,
        "detector:\n  rate: 400\n  threads: none\nsauce: {}\n"
        "recording:\n  retention:\n    max_age: 0\n",
        ANONCAM__COVERAGE__HOLD="99",
    )
    assert lines == [
        "2: detector.rate: is 400, must be a number from 0 to 240 (frames per second)",
        '3: detector.threads: is "none", must be a whole number from 1 to 64',
        "4: sauce: is not known, did you mean source? "
        "Known here: source, detector, coverage, anonymizer, files, recording, "
        "upload, control, mqtt, rtsp",
        "7: recording.retention.max_age: is 0, must be a number above 0 to 3650 (days) or null",
        "environment: ANONCAM__COVERAGE__HOLD: coverage.persistence: "
        "is 99, must be a number from 0 to 30 (seconds)",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("source: {loop: 1}", "1: source.loop: is 1, must be true or false"),
        ("source: {rotation: off}", "is off (in YAML that is false), must be 0, 90, 180 or 270"),
        ("source: {rotation: 90.0}", "is 90.0, must be 0, 90, 180 or 270"),
        ("source: {fps: '30'}", 'is "30", must be a number above 0 to 240'),
        ("source:\n  fps: 0,5", '2: source.fps: is "0,5", must be a number above 0'),
        ("source: {fps: .inf}", 'is ".inf", must be a number'),
        ("source: {fps: 1e999}", "is 1e999, must be a number above 0 to 240"),
        (
            "source: {width: 641}",
            "is 641, must be a whole number from 64 to 7680 in steps of 2 (pixels)",
        ),
        ("source: {width: 640.0}", "is 640.0, must be a whole number"),
        (f"source: {{width: {'9' * 5000}}}", "must be a whole number"),
        ("detector: {threads: yes}", "is yes (in YAML that is true), must be a whole number"),
        (
            "detector: {model: no}",
            "is no (in YAML that is false), must be a text (put it in quotes)",
        ),
        ("detector: {model: 640}", "is 640, must be a text (put it in quotes)"),
        ("detector: {model: ''}", "is empty, must be a text"),
        ('detector: {model: "a\\0b"}', "holds a character that cannot be seen"),
        ("detector: {device: Auto}", 'is "Auto", must be auto, coral or cpu'),
        ("detector: {device: [auto]}", "is a list, must be auto, coral or cpu"),
        ("detector: {device: {auto: }}", "is a group of keys, must be auto, coral or cpu"),
        ("detector: {rate: }", "is empty, must be a number from 0 to 240"),
        (
            "recording: {segment_length: 1:30}",
            'is "1:30", must be a number from 1 to 86400 (seconds)',
        ),
        ("recording: {segment_length: 2020-13-45}", 'is "2020-13-45", must be a number'),
        ("recording: {folder: videos}", "is not a whole path, must be one that begins with /"),
        (
            "recording: {folder: 7}",
            "is 7, must be a whole path or null (put it in quotes)",
        ),
        (
            "recording: {retention: {max_size: 64 parrots}}",
            'is "64 parrots", must be a size above 0',
        ),
        ("recording: {retention: {max_size: true}}", "is true, must be a size above 0"),
        ("recording: {retention: {max_size: 0}}", "is 0, must be a size above 0"),
        ("recording: {retention: {min_free: -1}}", "is -1, must be a size from 0"),
        ("recording: {retention: {max_size: 1e400GB}}", "must be a size above 0"),
        ("coverage:", "1: coverage: is empty, must be a section with keys such as start_threshold"),
        (
            "coverage: 3",
            "1: coverage: is no section, must be a section with keys such as start_threshold",
        ),
        ("- source", "1: is no section, must be a section with keys such as source, detector"),
        ("lookahead", "1: is no section, must be a section"),
        (
            "coverage: {lookahead: 1}",
            "coverage.lookahead: is not known, did you mean coverage.look_ahead?",
        ),
        ("fps: 10", "1: fps: is not known here, did you mean source.fps?"),
        ("max_size: 1GB", "did you mean recording.retention.max_size?"),
        ("on: 1", "1: on: is not known, must be one of source, detector"),
        ("? [a]\n: 1", "a list: is not known"),
        ("<<: {source: {}}", "<<: is not known"),
        (
            "detector:\n  rate: 1\n\n  rate: 2",
            "4: detector.rate: stands here again, must stand only once",
        ),
        (
            "coverage: {persistence: 1}\ncoverage: {persistence: 2}",
            "2: coverage: stands here again, must stand only once",
        ),
        (
            "coverage: {start_threshold: 0.1}",
            "is 0.34, must be at most start_threshold, which is 0.1",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(file: Path, text: str, expected: str) -> None:
    lines = problems(file, text)
    assert len(lines) == 1
    assert expected in lines[0]
    assert "\n" not in lines[0]
    assert len(lines[0]) < 400


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("source:\n\tfps: 3", 2, "a tab stands here, must be indented with spaces"),
        ("source:\n  fps: 3\n rate: 4", 3, "is indented unlike the lines above"),
        ("source:\n  - fps: 3\n  rate: 4", 3, "is indented unlike the lines above"),
        ("source:\n  type: v4l2: 3", 2, "a second ': ' stands here"),
        ("source:\n  fps 3\n  loop: true", 3, "a second ': ' stands here"),
        ("source:\n  fps: 3\n  loop", 3, "a key lacks its ':'"),
        ("source:\n  zones: [1, 2\n", 3, "a list lacks a comma or its closing ]"),
        ("source: {fps: 3\n", 2, "a section in braces lacks a comma or its closing }"),
        ("source:\n  type: 'v4l2\n", 3, "a quote is never closed"),
        ("source: {}\n---\nsource: {}", 2, "a second document begins here"),
        (
            "source: &camera {}",
            1,
            "a value that begins with &, * or ! means something else in YAML",
        ),
        ("detector: !!python/object:os.system {}", 1, "a value that begins with &, * or !"),
        ("source: {}\ndetector: *source", 2, "a value that begins with &, * or !"),
        ("source: {}\ndetector: \x07", 2, "a control character stands here"),
        ('detector: {model: "\\UFFFFFFFF"}', 1, "must not name characters that do not exist"),
        ("a: " + "[" * 5000, 1, "is nested more than 12 levels deep"),
        ("%YAML 2.0\n---\n", 1, "is not valid YAML"),
    ],
)
def test_what_is_not_yaml_is_explained_where_it_stands(
    file: Path, text: str, line: int, expected: str
) -> None:
    (problem,) = problems(file, text)
    assert problem.startswith(f"{line}: ")
    assert expected in problem


def test_a_bomb_of_aliases_is_refused_at_its_first_line(file: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(40)
    )
    (problem,) = problems(file, bomb)
    assert problem.startswith("1: ")


def test_a_file_that_is_not_utf8_is_named_with_the_line(file: Path) -> None:
    (problem,) = problems(file, "source: {}\n# für\n".encode("latin-1"))
    assert problem == "2: is not text in UTF-8, must be saved as UTF-8"


def test_a_huge_file_is_refused_unread(file: Path) -> None:
    (problem,) = problems(file, b"#" * 5_000_000)
    assert "is too large, must be at most 256 KiB" in problem


def test_endless_files_are_refused() -> None:
    with pytest.raises(ConfigError, match="is too large"):
        load(Path("/dev/zero"), {})


@pytest.mark.parametrize(
    ("path", "reason"), [("missing.yaml", "No such file"), (".", "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(InvalidConfigError, match=reason) as caught:
        load(tmp_path / path, {})
    assert str(caught.value).startswith(f"{tmp_path / path}: cannot be read")


def test_the_error_ends_a_command_with_2(file: Path) -> None:
    file.write_text("fps: 3")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("zone", "place", "expected"),
    [
        ("[[0,0],[1,1]]", "zones[1]", "is a list, must be a polygon: a list of 3 to 100 points"),
        ("[[0,0],[0,1.5],[1,1]]", "zones[1][1][1]", "is 1.5, must be a number from 0 to 1"),
        ("[[0,0],[0,true],[1,1]]", "zones[1][1][1]", "is true, must be a number from 0 to 1"),
        ("[[0,0],[0,1,1],[1,1]]", "zones[1][1]", "is a list, must be a point [x, y]"),
        ("[[0,0],[1,1],[1,0],[0,0.9]]", "zones[1]", "has edges that cross"),
        ("[[0,0],[0.5,0.5],[1,1]]", "zones[1]", "covers nothing"),
        ("3", "zones[1]", "is 3, must be a polygon"),
        (str([[0, 0]] * 101), "zones[1]", "must be a polygon: a list of 3 to 100 points"),
    ],
)
def test_a_bad_zone_is_found_among_good_ones(
    file: Path, zone: str, place: str, expected: str
) -> None:
    text = f"anonymizer:\n  zones:\n    - [[0,0],[1,0],[1,1]]\n    - {zone}\n"
    (problem,) = problems(file, text)
    assert problem.startswith(f"4: anonymizer.{place}: ")
    assert expected in problem


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        ("type: rtsp", 2, "is missing, must be a URL such as rtsp://"),
        ("type: file", 2, "is missing, must be the path of a video file"),
        ("type: file\n  address: null", 3, "is missing, must be the path of a video file"),
        ("address: rtsp://camera/1", 2, "has no effect while type is auto"),
        ("type: rtsp\n  address: camera", 3, "does not fit type rtsp"),
        ("type: rtsp\n  address: 'rtsp://:p@/x'", 3, "does not fit type rtsp"),
        ("type: rtsp\n  address: 'rtsp://u:p@h:port/x'", 3, "does not fit type rtsp"),
        ("type: rtsp\n  address: 'rtsp://[u:p@h/x'", 3, "does not fit type rtsp"),
        ("type: rtsp\n  address: 'rtsp://u:p#q@h/x'", 3, "written as %40 (for @)"),
        ("type: file\n  address: rtsp://camera/1", 3, "does not fit type file"),
        ("type: v4l2\n  address: video0", 3, "does not fit type v4l2"),
    ],
)
def test_an_address_must_fit_the_type(file: Path, source: str, line: int, expected: str) -> None:
    (problem,) = problems(file, f"source:\n  {source}\n")
    assert problem.startswith(f"{line}: source.address: ")
    assert expected in problem


def test_a_mistyped_key_does_not_make_its_neighbour_a_second_problem(file: Path) -> None:
    (problem,) = problems(file, "source:\n  typ: rtsp\n  address: rtsp://camera/1\n")
    assert "did you mean source.type?" in problem


def test_the_environment_wins_over_the_file_and_is_typed_as_yaml(file: Path) -> None:
    file.write_text("detector: {rate: 5, threads: 2}\nsource: {loop: maybe}\n")
    environment = {
        "ANONCAM__DETECTOR__RATE": "10",
        "ANONCAM__SOURCE__LOOP": "true",
        "ANONCAM__RECORDING__RETENTION__MAX_SIZE": "64GB",
        "ANONCAM__ANONYMIZER__ZONES": "[[[0, 0], [1, 0], [1, 1]]]",
        "ANONCAM_OTHER": "1",
    }
    config = load(file, environment)
    assert config.detector.rate == 10
    assert config.detector.threads == 2
    assert config.source.loop is True
    assert config.recording.retention.max_size == 64_000_000_000
    assert len(config.anonymizer.zones) == 1


def test_an_empty_variable_is_null(file: Path) -> None:
    file.write_text("recording: {folder: /srv}\n")
    assert load(file, {"ANONCAM__RECORDING__FOLDER": ""}).recording.folder is None


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        (
            "ANONCAM__DETECTOR__RAT",
            "1",
            "ANONCAM__DETECTOR__RAT: is not known, did you mean ANONCAM__DETECTOR__RATE?",
        ),
        ("ANONCAM__detector__rate", "1", "is not known, did you mean ANONCAM__"),
        ("ANONCAM__", "1", "is not known, did you mean ANONCAM__"),
        (
            "ANONCAM__DETECTOR",
            "1",
            "is the section detector, must be one of its keys: ANONCAM__DETECTOR__MODEL",
        ),
        (
            "ANONCAM__DETECTOR__RATE",
            "'1'",
            'DETECTOR__RATE: detector.rate: is "1", must be a number',
        ),
        ("ANONCAM__DETECTOR__RATE", "", "detector.rate: is empty, must be a number"),
        ("ANONCAM__DETECTOR__RATE", "[1", "detector.rate: a list lacks a comma"),
        ("ANONCAM__DETECTOR__RATE", "\udcff", "detector.rate: a control character stands here"),
        ("ANONCAM__SOURCE__TYPE", "rtsp", "ANONCAM__SOURCE__TYPE: source.address: is missing"),
        (
            "ANONCAM__ANONYMIZER__ZONES",
            "[[[0, 7]]]",
            "ANONYMIZER__ZONES: anonymizer.zones[0][0][1]: is 7",
        ),
    ],
)
def test_a_wrong_variable_is_a_problem_of_the_environment(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        load(None, {variable: value})
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("environment: ")
    assert expected in problem


@pytest.mark.parametrize(
    "text",
    [
        "source: {type: rtsp, address: 'rtsp://user:hunter2@'}",
        "source: {type: v4l2, address: 'user:hunter2@camera'}",
        "source: {type: file, address: 'rtsp://user:hunter2@camera/1', fps: -1}",
        "source: {type: rtsp, address: ['rtsp://user:hunter2@camera/1']}",
        'source: {type: rtsp, address: "rtsp://user:hunter2\\a@camera/1"}',
        "source: {type: rtsp, adress: 'rtsp://user:hunter2@camera/1'}",
        "source: {type: 'rtsp://user:hunter2@camera/1'}",
        "source:\n  type: rtsp\n  rtsp://user:hunter2@camera/1:\n",
        "source:\n  type: rtsp\n  rtsp://user:hunter2@camera/1\n",
        "source: rtsp://user:hunter2@camera/1",
        "source:\n  address: *hunter2\n",
        "source:\n  address: !hunter2! x\n",
        "source:\n  address: 'rtsp://user:hunter2\n",
        "%hunter2 hunter2\n%YAML 1.1\n%YAML 1.1\n---\n{}",
        "source:\n  address: |hunter2\n",
        "source:\n  address: @hunter2\n",
        f"detector: {{device: '{'x' * 50} rtsp://user:hunter2{'y' * 100}@camera'}}",
        f"rtsp://user:hunter2{'y' * 200}@camera/1: 1",
    ],
)
def test_a_password_never_appears_in_an_error(
    file: Path, text: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    with pytest.raises(InvalidConfigError) as caught:
        load(file, {})
    logging.getLogger("anoncam").error("rejected", exc_info=caught.value)
    seen = [
        str(caught.value),
        repr(caught.value),
        caplog.text,
        *traceback.format_exception(caught.value),
    ]
    assert not [place for place in seen if "hunter" in place]


def test_a_password_is_not_in_the_repr_of_a_configuration(file: Path) -> None:
    file.write_text("source: {type: rtsp, address: 'rtsp://user:hunter2@camera/1'}")
    config = load(file, {})
    assert "hunter2" not in repr(config) + str(config) + f"{config.source!r}"


def test_no_variable_of_the_machine_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ANONCAM__DETECTOR__RATE", "7")
    assert load(None, {}).detector.rate == 20


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("type: v4l2, user: u", "has no effect, must be null unless type is rtsp"),
        ("type: rtsp, address: 'rtsp://a:b@h/1', user: u", "is a second name, must be null"),
        ("type: rtsp, address: 'rtsp://h/1', password_file: /p", "must be null unless there is a"),
        ("type: rtsp, address: 'rtsp://h/1', user: u, password_file: ./p", "is not a whole path"),
    ],
)
def test_a_login_that_does_not_fit_is_refused(tmp_path: Path, source: str, what: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"source: {{{source}}}")
    with pytest.raises(InvalidConfigError) as caught:
        load(file, {})
    (problem,) = caught.value.problems
    assert what in problem.what
