"""What must never reach a terminal or a log as it is."""

import unicodedata

UNSAFE = (
    *map(chr, (*range(0x20), *range(0x7F, 0xA0))),
    *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029",
    *map(chr, (0xD800, 0xDBFF, 0xDC00, 0xDC80, 0xDCFF, 0xDFFF)),
)
"""Controls, bidirectional marks, separators of lines, and lone surrogates."""

_BIDIRECTIONAL = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
_MARKS = {"\u061c", "\u200e", "\u200f"}


def is_safe(text: str) -> bool:
    """Whether a line shows what it holds, judged by Unicode's own properties."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in _BIDIRECTIONAL
        or character in _MARKS
        for character in text
    )
