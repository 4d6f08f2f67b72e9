"""What is wrong with a configuration: all problems at once, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from anoncam.errors import ConfigError


@dataclass(frozen=True)
class Place:
    """Where a value stands: a file with a line (from 1), or a variable, which has no line (0)."""

    name: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `key` is empty if the text is not YAML."""

    place: Place
    key: str
    what: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place), self.key, self.what)))


class InvalidConfigError(ConfigError):
    """A configuration with problems: the message has one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        # In the order of the file; whatever has no line comes last.
        self.problems = tuple(
            sorted(problems, key=lambda problem: (problem.place.line == 0, problem.place.line))
        )
        super().__init__("\n".join(map(str, self.problems)))
