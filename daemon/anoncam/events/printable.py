"""Make text safe to print: names of files and words of cameras may hold anything.

A control character moves the cursor or changes the title of a terminal, a line feed forges a line
of a log, and a bidirectional mark shows text in another order than it has.
"""

import re

_UNSAFE = re.compile(
    "["
    "\\x00-\\x1f\\x7f-\\x9f"  # controls, among them line feed, escape and the 8-bit CSI
    "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069"  # bidirectional marks
    "\\u2028\\u2029"  # separators of lines and paragraphs
    "\\ud800-\\udfff"  # bytes of a file name that are not UTF-8
    "]"
)


def printable(text: str) -> str:
    r"""The text on one line, with each unsafe character as a backslash escape.

    Text that is printable already stays as it is.

    >>> print(printable("holiday\n\x1b[2J.mp4"))
    holiday\n\x1b[2J.mp4
    """
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_all(value: object) -> object:
    """`value` with each text in it printable, however deep in lists and tuples."""
    if isinstance(value, list | tuple):
        return type(value)(map(printable_all, value))
    return printable(value) if isinstance(value, str) else value
