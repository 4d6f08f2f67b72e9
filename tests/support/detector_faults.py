"""Makes detector processes fail, by the simulated runtime that runs inside them."""

import json
import os
from pathlib import Path

import pytest

RUNTIME = Path(__file__).parent / "simulated_runtime"


class Faults:
    """The plan of the simulated runtime, for every process that has its `environment`.

    With `monkeypatch`, every process that this one starts has it.
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
