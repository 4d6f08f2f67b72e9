"""All keys of the configuration, taken from the schema."""

import typing

from pydantic.fields import FieldInfo

from anoncam.config.schema import Config, Section

PREFIX = "ANONCAM__"
"""How the variables of the environment begin that hold settings."""

Key = tuple[str, ...]
"""A key with its sections, such as ``("coverage", "persistence")``."""

KeyPath = tuple[str | int, ...]
"""A key, or an item in its list."""


def dotted(key: KeyPath) -> str:
    """The key as people write it.

    >>> dotted(("anonymizer", "zones", 0, 2))
    'anonymizer.zones[0][2]'
    """
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in key
    ).removeprefix(".")


def sections(section: type[Section] = Config, prefix: Key = ()) -> dict[Key, type[Section]]:
    """Every section by its key; ``()`` is the whole configuration."""
    found = {prefix: section}
    for name, field in section.model_fields.items():
        if _is_section(field):
            found |= sections(typing.cast("type[Section]", field.annotation), (*prefix, name))
    return found


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, Section)


SECTIONS = sections()
FIELDS: dict[Key, FieldInfo] = {
    (*prefix, name): field
    for prefix, section in SECTIONS.items()
    for name, field in section.model_fields.items()
    if not _is_section(field)
}
"""Every setting by its key, in the order of the schema."""
