"""A detector process that fails when a test tells it to: the simulated runtime runs inside it."""

import json
import os
from pathlib import Path

import pytest

RUNTIME = Path(__file__).parent / "simulated_runtime"


class Faults:
    """The plan of the simulated runtime, in force for every process that is started with its
    `environment`.

    With `monkeypatch` that is every process started from here.
    """

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
        self._path = path
        self.environment = {"SIMULATED_FAULTS": str(path), "PYTHONPATH": str(RUNTIME)}
        self.set()
        if monkeypatch is not None:
            for name, value in self.environment.items():
                monkeypatch.setenv(name, value)

    def set(self, *, load: object = None, invoke: object = None, coral: bool = False) -> None:
        """Fail in these steps from now on."""
        complete = self._path.with_suffix(".new")
        complete.write_text(json.dumps({"load": load, "invoke": invoke, "coral": coral}))
        os.replace(complete, self._path)  # noqa: PTH105 - a reader must never see half of it
