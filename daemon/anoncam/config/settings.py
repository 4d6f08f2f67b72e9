"""The settings that a file and the environment name, each with its place."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from anoncam.config import yaml_nodes
from anoncam.config.keys import FIELDS, SECTIONS, Key, KeyPath, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.renamed import RENAMED
from anoncam.events.redaction import redact

_LARGEST = 256 * 1024
_PREFIX = "ANONCAM__"
_VARIABLES = {_PREFIX + "__".join(key).upper(): key for key in (*FIELDS, *RENAMED)}
_SECTION_VARIABLES = {_PREFIX + "__".join(key).upper(): key for key in SECTIONS if key}


@dataclass(frozen=True)
class Setting:
    """What a place says about one key; `old_key` is how it is called there, if that has changed."""

    node: yaml.Node
    name: str
    is_variable: bool = False
    old_key: Key = ()

    def place(self, within: KeyPath = ()) -> Place:
        """The place of the setting, or of an item `within` its list."""
        return (
            Place(self.name)
            if self.is_variable
            else Place(self.name, self.item(within).start_mark.line + 1)
        )

    def item(self, within: KeyPath) -> yaml.Node:
        """The node of the item, or the innermost list around it that was written."""
        node = self.node
        for index in within:
            if (
                not isinstance(node, yaml.SequenceNode)
                or not isinstance(index, int)
                or index >= len(node.value)
            ):
                break
            node = node.value[index]
        return node


Settings = dict[Key, Setting]


def read_file(path: Path, problems: list[Problem]) -> Settings:
    """The settings in a YAML file; what cannot be one is added to `problems`."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        problems.append(
            Problem(Place(name), "", f"cannot be read ({reason}), must be a readable file")
        )
        return {}
    if len(content) > _LARGEST:
        problems.append(
            Problem(
                Place(name), "", f"is too large, must be at most {_LARGEST // 1024} KiB of YAML"
            )
        )
        return {}
    try:
        root = yaml_nodes.compose(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(
            Problem(Place(name, line), "", "is not text in UTF-8, must be saved as UTF-8")
        )
        return {}
    except yaml_nodes.SyntaxProblemError as error:
        problems.append(Problem(Place(name, error.line), "", error.what))
        return {}
    if root is None or yaml_nodes.is_null(root):
        return {}
    return _read_section(root, (), Place(name, root.start_mark.line + 1), problems)


def read_environment(environment: Mapping[str, str], problems: list[Problem]) -> Settings:
    """The settings in variables ``ANONCAM__SECTION__KEY``, whose values are YAML too."""
    settings: Settings = {}
    for variable in sorted(name for name in environment if name.startswith(_PREFIX)):
        name = f"environment: {redact(variable)}"
        if variable not in _VARIABLES:
            problems.append(Problem(Place(name), "", _unknown_variable(variable)))
            continue
        key = _VARIABLES[variable]
        try:
            root = yaml_nodes.compose(environment[variable])
        except yaml_nodes.SyntaxProblemError as error:
            problems.append(Problem(Place(name), dotted(key), error.what))
            continue
        node = root or yaml.ScalarNode("tag:yaml.org,2002:null", "")
        place = Place(name)
        _add(settings, key, Setting(node, name, is_variable=True), place, problems)
    return settings


def _read_section(
    node: yaml.Node, prefix: tuple[str, ...], place: Place, problems: list[Problem]
) -> Settings:
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(place, dotted(prefix), _not_a_section(node, prefix)))
        return {}
    settings: Settings = {}
    first_lines: dict[str, int] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        name = yaml_nodes.written(key_node)
        key = (*prefix, name)
        shown = _shortened(redact(dotted(key)))
        here = Place(place.name, line)
        if name in first_lines:
            problems.append(
                Problem(
                    here,
                    shown,
                    f"stands here again, must stand only once (first in line {first_lines[name]})",
                )
            )
        elif key in SECTIONS:
            settings |= _read_section(value, key, here, problems)
        elif key in FIELDS or key in RENAMED:
            _add(settings, key, Setting(value, place.name), here, problems)
        else:
            problems.append(Problem(here, shown, _unknown_key(name, prefix)))
        first_lines.setdefault(name, line)
    return settings


def _add(
    settings: Settings, key: Key, setting: Setting, here: Place, problems: list[Problem]
) -> None:
    """Add a setting under its present name, which must not stand there already."""
    now = RENAMED.get(key, key)
    if now in settings:
        other = settings[now]
        what = f"is the same setting as {dotted(other.old_key or now)}, must stand only once"
        problems.append(Problem(here, dotted(key), what))
    settings[now] = replace(setting, old_key=key) if key in RENAMED else setting


def _not_a_section(node: yaml.Node, prefix: tuple[str, ...]) -> str:
    keys = ", ".join(SECTIONS[prefix].model_fields)
    what = "is empty" if yaml_nodes.is_null(node) else "is no section"
    remedy = " or left away" if prefix else ""
    return f"{what}, must be a section with keys such as {keys}{remedy}"


def _unknown_key(name: str, prefix: tuple[str, ...]) -> str:
    siblings = list(SECTIONS[prefix].model_fields)
    best = _nearest(name, siblings)
    if best:
        return f"is not known, did you mean {dotted((*prefix, best))}? Known here: {', '.join(siblings)}"
    elsewhere = {key[-1]: dotted(key) for key in (*FIELDS, *filter(None, SECTIONS))}
    best = _nearest(name, elsewhere)
    if best:
        return (
            f"is not known here, did you mean {elsewhere[best]}? Known here: {', '.join(siblings)}"
        )
    return f"is not known, must be one of {', '.join(siblings)}"


def _unknown_variable(variable: str) -> str:
    if variable in _SECTION_VARIABLES:
        key = _SECTION_VARIABLES[variable]
        keys = ", ".join(name for name in _VARIABLES if name.startswith(f"{variable}__"))
        return f"is the section {dotted(key)}, must be one of its keys: {keys}"
    best = _nearest(variable, _VARIABLES, 0.0)
    return f"is not known, did you mean {best}?"


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    return next(iter(difflib.get_close_matches(name[:100], known, 1, cutoff)), "")


def _shortened(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"
