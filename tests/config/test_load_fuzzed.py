"""Whatever stands in the file, loading it ends with a configuration or with problems that have a
place."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config
from tests.support.checkout import ROOT

DEFAULT = (ROOT / "config.yaml").read_text()
LINES = [line for line in DEFAULT.splitlines() if line.strip() and not line.strip().startswith("#")]
PIECES = [
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!!int ",
    "|",
    ">",
    '"',
    "'",
    "\t",
    "\n",
    "  ",
    "#",
    "%",
    "?",
]
PIECES += [
    "---\n",
    "...\n",
    "~",
    "null",
    "on",
    "0x1",
    "1:30",
    "1e999",
    "-1",
    ".nan",
    "\\x00",
    "\u2028",
    "\x00",
    "é",
    "=",
    "<<",
]
FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def accepted_or_rejected_with_a_place(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        config = load(file, {})
    except InvalidConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.place.name == str(file)
            assert (
                0
                <= problem.place.line
                <= content.count(b"\n") + content.count(b"\r") + 9 * content.count(b"\xe2") + 3
            )
            assert problem.what
            assert len(str(problem).splitlines()) == 1
            str(problem).encode()
    else:
        assert isinstance(config, Config)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, len(lines) - 1))
        column = draw(st.integers(0, len(lines[position])))
        end = draw(st.integers(column, len(lines[position])))
        piece = draw(
            st.one_of(st.sampled_from(PIECES), st.text(max_size=5), st.sampled_from(LINES))
        )
        lines[position] = lines[position][:column] + piece + lines[position][end:]
    if draw(st.booleans()):
        del lines[draw(st.integers(0, len(lines) - 1))]
    return "\n".join(lines)


@FUZZ
@given(text=mutations())
def test_a_mutated_default_file_is_accepted_or_rejected_with_a_place(file: Path, text: str) -> None:
    accepted_or_rejected_with_a_place(file, text.encode("utf-8", "surrogatepass"))


@FUZZ
@given(content=st.binary(max_size=200))
@example(content=b'"\\UFFFFFFFF"')
@example(content=b"%YAML " + b"1" * 5000 + b".1\n---\n")
@example(content=b'detector: {model: "\\ud800"}')
@example(content=b'"\\ud800": 1')
@example(content=b"detector:\n  rate: |\n   a\n   b")
def test_random_bytes_are_accepted_or_rejected_with_a_place(file: Path, content: bytes) -> None:
    accepted_or_rejected_with_a_place(file, content)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.binary(max_size=4),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(SCALARS.filter(bool), inner, max_size=3)
    ),
    max_leaves=10,
)
KEYS = sorted({line.strip().partition(":")[0] for line in LINES})


@FUZZ
@given(
    tree=st.dictionaries(
        st.sampled_from(KEYS),
        st.one_of(VALUES, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)),
        max_size=4,
    )
)
def test_any_value_for_any_key_is_accepted_or_rejected_with_a_place(
    file: Path, tree: dict[str, object]
) -> None:
    accepted_or_rejected_with_a_place(file, dump(tree).encode("utf-8", "surrogatepass"))


def dump(value: object) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True))


@FUZZ
@given(
    variable=st.sampled_from(
        ["SOURCE__ADDRESS", "ANONYMIZER__ZONES", "DETECTOR__RATE", "RECORDING__FOLDER", "SOURCE"]
    ),
    value=st.one_of(st.text(max_size=30), st.sampled_from(PIECES), VALUES.map(dump)),
)
def test_any_variable_is_accepted_or_rejected_by_its_name(variable: str, value: str) -> None:
    name = f"ANONCAM__{variable}"
    try:
        load(None, {name: value})
    except InvalidConfigError as error:
        assert {problem.place.name for problem in error.problems} == {f"environment: {name}"}
