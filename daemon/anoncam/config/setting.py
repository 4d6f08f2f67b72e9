"""One setting that a user has written, with its place."""

from dataclasses import dataclass, replace

import yaml

from anoncam.config.keys import Key, KeyPath, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.renamed import RENAMED


@dataclass(frozen=True)
class Setting:
    """The value of one key as a YAML node, and the file or variable (`name`) that holds it.

    `old_key` is the key that stands there, if it has another name now.
    """

    node: yaml.Node
    name: str
    is_variable: bool = False
    old_key: Key = ()

    def place(self, within: KeyPath = ()) -> Place:
        """The place of the setting, or of an item `within` its list."""
        if self.is_variable:
            return Place(self.name)
        return Place(self.name, self.item(within).start_mark.line + 1)

    def item(self, within: KeyPath) -> yaml.Node:
        """The node of the item; if it was not written, that of the innermost list around it."""
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


def add_setting(
    settings: Settings, key: Key, setting: Setting, here: Place, problems: list[Problem]
) -> None:
    """Add a setting under its present name; a second one of that name is a problem."""
    now = RENAMED.get(key, key)
    if now in settings:
        other = settings[now]
        what = f"is the same setting as {dotted(other.old_key or now)}, must stand only once"
        problems.append(Problem(here, dotted(key), what))
    settings[now] = replace(setting, old_key=key) if key in RENAMED else setting
