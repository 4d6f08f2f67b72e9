"""What a target is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """`read` reads a file, and may raise `allowed`."""

    name: str
    corpus: list[bytes]
    read: Callable[[Path], object]
    allowed: tuple[type[Exception], ...]
