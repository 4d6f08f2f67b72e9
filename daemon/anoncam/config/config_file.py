"""The settings in a configuration file, each with its line."""

from pathlib import Path

import yaml

from anoncam.config import yaml_nodes
from anoncam.config.keys import FIELDS, SECTIONS, Key, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.renamed import RENAMED
from anoncam.config.setting import Setting, Settings, add_setting
from anoncam.config.suggestions import unknown_key
from anoncam.events.redaction import redact

LARGEST = 256 * 1024
"""Bytes that a file may have."""

_LONGEST_NAME = 100


def read_file(path: Path, problems: list[Problem]) -> Settings:
    """The settings in a YAML file; whatever is not a setting is added to `problems`."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        what = f"cannot be read ({reason}), must be a readable file"
        problems.append(Problem(Place(name), "", what))
        return {}
    if len(content) > LARGEST:
        what = f"is too large, must be at most {LARGEST // 1024} KiB of YAML"
        problems.append(Problem(Place(name), "", what))
        return {}
    try:
        root = yaml_nodes.compose(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "is not text in UTF-8, must be saved as UTF-8"
        problems.append(Problem(Place(name, line), "", what))
        return {}
    except yaml_nodes.SyntaxProblemError as error:
        problems.append(Problem(Place(name, error.line), "", error.what))
        return {}
    if root is None or yaml_nodes.is_null(root):
        return {}
    return _read_section(root, (), Place(name, root.start_mark.line + 1), problems)


def _read_section(node: yaml.Node, prefix: Key, place: Place, problems: list[Problem]) -> Settings:
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(place, dotted(prefix), _not_a_section(node, prefix)))
        return {}
    settings: Settings = {}
    first_lines: dict[str, int] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        name = yaml_nodes.text_of(key_node)
        key = (*prefix, name)
        shown = _shortened(redact(dotted(key)))
        here = Place(place.name, line)
        if name in first_lines:
            first = first_lines[name]
            what = f"stands here again, must stand only once (first in line {first})"
            problems.append(Problem(here, shown, what))
        elif key in SECTIONS:
            settings |= _read_section(value, key, here, problems)
        elif key in FIELDS or key in RENAMED:
            add_setting(settings, key, Setting(value, place.name), here, problems)
        else:
            problems.append(Problem(here, shown, unknown_key(name, prefix)))
        first_lines.setdefault(name, line)
    return settings


def _not_a_section(node: yaml.Node, prefix: Key) -> str:
    keys = ", ".join(SECTIONS[prefix].model_fields)
    what = "is empty" if yaml_nodes.is_null(node) else "is no section"
    remedy = " or left away" if prefix else ""
    return f"{what}, must be a section with keys such as {keys}{remedy}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
