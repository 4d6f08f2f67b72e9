"""How many there are of something, in words for people."""


def counted(count: int, name: str) -> str:
    """Return "1 frame" or "2 frames"; what `name` has in parentheses stays behind it.

    >>> counted(2, "text (title, artist)")
    '2 texts (title, artist)'
    """
    word, space, rest = name.partition(" (")
    return f"{count} {word}{'' if count == 1 else 's'}{space}{rest}"
