"""What `edgetpu_compiler` reports: which operators are on the TPU, and which are on the CPU."""

import re
from dataclasses import dataclass

from anoncam.errors import ModelError

MAPPED = "Mapped to Edge TPU"


@dataclass(frozen=True)
class OperatorRow:
    """A row of the table: so many operators of this name have this status."""

    name: str
    count: int
    status: str


@dataclass(frozen=True)
class CompilerLog:
    """The report of a compilation; a number that the log does not state is None."""

    version: str
    subgraphs: int | None
    operators: int | None
    on_cpu: int | None
    rows: tuple[OperatorRow, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the file is not whole on the TPU; empty if it is."""
        left = [
            f"{row.count} {row.name}: {row.status}" for row in self.rows if row.status != MAPPED
        ]
        if self.on_cpu and not left:
            left.append(f"{self.on_cpu} operators")
        if self.subgraphs is not None and self.subgraphs != 1:
            left.append(f"{self.subgraphs} parts of it are on the TPU, not one")
        mapped = sum(row.count for row in self.rows)
        if self.operators is not None and self.rows and not left and mapped != self.operators:
            left.append(f"the table has {mapped} of {self.operators} operators")
        return tuple(left)


def read_log(text: str) -> CompilerLog:
    """Read the output of `edgetpu_compiler --show_operations`, of version 2 to 16.

    Raises:
        ModelError: the text does not report what was mapped.
    """
    rows = tuple(
        OperatorRow(name, int(count), status.strip())
        for name, count, status in re.findall(
            r"^([A-Z][A-Za-z0-9_]*) +(\d+) +(\S.*)$", text, re.MULTILINE
        )
    )
    on_cpu = _number("Number of operations that will run on CPU", text)
    if not rows and on_cpu is None:
        raise ModelError(f"the log of edgetpu_compiler does not report what was mapped:\n{text}")
    version = re.search(r"^Edge TPU Compiler version (\S+)$", text, re.MULTILINE)
    return CompilerLog(
        version[1] if version else "",
        _number("Number of Edge TPU subgraphs", text),
        _number("Total number of operations", text),
        on_cpu,
        rows,
    )


def _number(label: str, text: str) -> int | None:
    found = re.search(rf"^{label}: (\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else None
