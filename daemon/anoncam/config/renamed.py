"""Keys that have a new name; a configuration with the old name stays valid."""

from collections.abc import Mapping
from typing import Any

from anoncam.config.keys import Key

RENAMED: Mapping[Key, Key] = {
    ("coverage", "hold"): ("coverage", "persistence"),
    ("detector", "answer_timeout"): ("detector", "result_timeout"),
}
"""The new name of each key, by its old one."""


def rename(tree: dict[str, Any]) -> dict[str, Any]:
    """The nested settings of an earlier version under their present names."""
    renamed = {
        section: dict(values) if isinstance(values, dict) else values
        for section, values in tree.items()
    }
    for (section, old), (_, new) in RENAMED.items():
        values = renamed.get(section)
        if isinstance(values, dict) and old in values:
            values.setdefault(new, values.pop(old))
    return renamed
