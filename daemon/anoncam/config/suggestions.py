"""Suggestions for a mistyped name: the nearest one that exists."""

import difflib
from collections.abc import Iterable

from anoncam.config.keys import FIELDS, SECTIONS, Key, dotted


def unknown_key(name: str, prefix: Key) -> str:
    """The message about a key that the section `prefix` does not have."""
    siblings = list(SECTIONS[prefix].model_fields)
    known_here = f"Known here: {', '.join(siblings)}"
    best = nearest(name, siblings)
    if best:
        return f"is not known, did you mean {dotted((*prefix, best))}? {known_here}"
    elsewhere = {key[-1]: dotted(key) for key in (*FIELDS, *filter(None, SECTIONS))}
    best = nearest(name, elsewhere)
    if best:
        return f"is not known here, did you mean {elsewhere[best]}? {known_here}"
    return f"is not known, must be one of {', '.join(siblings)}"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The most similar name; empty if none is as similar as `cutoff` (0 to 1)."""
    return next(iter(difflib.get_close_matches(name[:100], known, 1, cutoff)), "")
