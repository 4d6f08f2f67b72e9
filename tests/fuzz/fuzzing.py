"""Feeds mutated inputs to a target, and keeps those that it does not stand."""

from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.mutation import mutate
from tests.fuzz.target import Target


@dataclass(frozen=True)
class Finding:
    """An input for which a target raises what it may not; `seed` makes it again."""

    target: str
    seed: int
    error: Exception
    data: bytes

    def __str__(self) -> str:
        return f"{self.target}, seed {self.seed}: {type(self.error).__name__}: {self.error}"


def attack(target: Target, seed: int, folder: Path) -> Finding | None:
    """Have the target read one mutated input; what it does not stand, if anything."""
    data = mutate(target.corpus[seed % len(target.corpus)], target.corpus, seed)
    path = folder / "input"
    path.write_bytes(data)
    try:
        target.read(path)
    except target.allowed:
        return None
    except Exception as error:
        return Finding(target.name, seed, error, data)
    return None
