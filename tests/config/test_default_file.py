import re

import pytest

from anoncam.config import yaml_nodes
from anoncam.config.allowed_values import allowed
from anoncam.config.changes import NEEDS_NEW_SOURCE
from anoncam.config.keys import FIELDS, SECTIONS, dotted
from anoncam.config.load import load
from anoncam.config.schema import Config
from tests.support.checkout import ROOT

FILE = ROOT / "config.yaml"
KEYS = pytest.mark.parametrize("key", FIELDS, ids=dotted)


def documented() -> dict[str, str]:
    """The comment above each key of the file, on one line, by the dotted key."""
    comments: dict[str, str] = {}
    sections: list[str] = []
    comment: list[str] = []
    for line in FILE.read_text().splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.removeprefix("#").strip())
        elif not text:
            comment = []
        else:
            del sections[(len(line) - len(line.lstrip())) // 2 :]
            sections.append(text.partition(":")[0])
            comments[".".join(sections)] = " ".join(comment)
            comment = []
    return comments


def statement(key: tuple[str, ...]) -> tuple[str, str]:
    """What the comment says is allowed, and the default."""
    match = re.search(r"Allowed: (.+)\. Default: (.+)\.$", documented()[dotted(key)])
    assert match is not None
    return match[1], match[2]


def value_in(config: Config, key: tuple[str, ...]) -> object:
    value: object = config
    for name in key:
        value = getattr(value, name)
    return value


def test_it_is_valid_and_says_what_the_defaults_are() -> None:
    assert load(FILE, {}) == Config()


def test_it_names_every_key_and_no_other_in_the_order_of_the_schema() -> None:
    assert [key for key in documented() if tuple(key.split(".")) not in SECTIONS] == list(
        map(dotted, FIELDS)
    )


@KEYS
def test_it_states_the_range_and_unit_that_the_schema_has(key: tuple[str, ...]) -> None:
    assert statement(key)[0] == allowed(FIELDS[key])


@KEYS
def test_it_states_the_default_that_the_schema_has(key: tuple[str, ...]) -> None:
    default = statement(key)[1]
    assert value_in(load(None, {"ANONCAM__" + "__".join(key).upper(): default}), key) == value_in(
        Config(), key
    )
    root = yaml_nodes.compose(FILE.read_text())
    written = yaml_nodes.value_of(root) if root else None
    for name in key:
        assert isinstance(written, dict)
        written = written[name]
    assert yaml_nodes.value_of(yaml_nodes.compose(default) or pytest.fail("empty")) == written


@KEYS
def test_the_range_in_words_is_the_range_that_is_enforced(key: tuple[str, ...]) -> None:
    words = allowed(FIELDS[key])
    for least, most in re.findall(r"^a (?:whole )?number (?:from|above) (\S+) to (\S+)", words):
        variable = "ANONCAM__" + "__".join(key).upper()
        beyond = 2 if "steps of 2" in words else 1
        load(None, {variable: most, "ANONCAM__COVERAGE__START_THRESHOLD": "1"} | {variable: most})
        for value in (float(least) - beyond, float(most) + beyond):
            with pytest.raises(ValueError, match=re.escape(words)):
                load(None, {variable: f"{value:g}"})


def test_no_line_is_longer_than_100_columns() -> None:
    lines = FILE.read_text().splitlines()
    fill = next(number for number, line in enumerate(lines) if line.startswith("  fill:"))
    assert [line for line in lines[: fill - 9] + lines[fill:] if len(line) > 100] == []


def test_it_says_which_settings_interrupt_the_recording() -> None:
    header = FILE.read_text().partition("\nsource:")[0]
    for key in NEEDS_NEW_SOURCE:
        assert key in header or key.startswith("source.")


@pytest.mark.parametrize(
    ("key", "way"),
    [
        ("fill", "private, 5 rows (the default)"),
        ("fill", "mean, 5 rows (the reference)"),
        ("fill", "solid"),
        ("rows", "mosaic of 8 cells per face"),
        ("rows", "mosaic of 16 cells per face"),
    ],
)
def test_it_states_the_measured_rate_of_the_best_attacker(key: str, way: str) -> None:
    evidence = (FILE.parent / "docs" / "evidence-appendix.md").read_text()
    table = evidence.partition("\n| still pictures |")[2]
    row = re.findall(rf"^\| {re.escape(way)} \| (.*)$", table, re.MULTILINE)[0]
    best = max(float(rate) for rate in re.findall(r"([\d.]+)% \(", row))
    assert f"{best:g} %" in documented()[f"anonymizer.{key}"]
