"""Runs the detector on the CPU while the Coral fails, and goes back to the Coral afterwards."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import Detector
from anoncam.detectors.process.detector_process import START_TIMEOUT
from anoncam.detectors.trial import time_of_result
from anoncam.errors import AnoncamError, CoralError, DetectorError, ModelError

RETRY_PAUSE = 30.0
"""Seconds between two attempts to use the Coral again.

Each attempt starts a process. The back-off grows with every failure of the Coral.
"""

LONGEST_RETRY_PAUSE = 600.0
"""Seconds; the back-off grows no further."""

CORAL_FAILED = "the Coral has failed"

Kind = TypeVar("Kind", bound=Detector)


class CoralFallback(Generic[Kind]):
    """Starts a detector on the Coral or on the CPU, as `settings` ask for; call it for each start.

    After a failure of the Coral, the CPU takes over at once if it may. Another try of the Coral
    would probably fail as well, and frames would be veiled meanwhile. `try_the_coral` finds out
    later whether the Coral works again.

    >>> settings = DetectorSettings(device="coral", fallback="cpu")
    >>> start = CoralFallback(settings, 0.2, DetectorProcess)
    >>> detector = start()
    """

    def __init__(
        self,
        settings: DetectorSettings,
        floor: float,
        start: Callable[[DetectorSettings, float], Kind],
    ) -> None:
        self._settings = settings
        self._floor = floor
        self._start = start
        self._may_fall_back = settings.device == "auto" or (settings.device, settings.fallback) == (
            "coral",
            "cpu",
        )
        self._problem = ""
        self._on_coral = False
        self._failures = 0

    def __call__(self) -> Kind:
        """Start a detector.

        Raises:
            DetectorError: none can be started.
        """
        if self._on_coral and self._may_fall_back:
            self._problem = CORAL_FAILED
            self._failures += 1
        self._on_coral = False
        if self._problem:
            on_cpu = self._start(self._settings.model_copy(update={"device": "cpu"}), self._floor)
            on_cpu.info = replace(on_cpu.info, reason=self._problem, coral_problem=self._problem)
            return on_cpu
        try:
            detector = self._start(self._settings, self._floor)
        except (CoralError, ModelError):
            raise
        except DetectorError:
            # The process of a detector never starts if its Coral hangs.
            self._problem = CORAL_FAILED if self._may_fall_back and self._is_compiled() else ""
            raise
        self._on_coral = detector.info.device == "coral"
        return detector

    def _is_compiled(self) -> bool:
        model = model_file.find(self._settings.model)
        return model.for_coral or model_file.coral_twin(model) is not None

    @property
    def pause(self) -> float:
        """Seconds to wait before `try_the_coral`; each failure of a Coral veils some frames."""
        return min(LONGEST_RETRY_PAUSE, RETRY_PAUSE * max(1, self._failures))

    def try_the_coral(self) -> Kind | None:
        """Start a detector on the Coral and test it with one picture; None if that fails."""
        wanted = self._settings.model_copy(update={"device": "coral", "fallback": "veil"})
        try:
            with contextlib.ExitStack() as stack:
                detector = self._start(wanted, self._floor)
                stack.callback(detector.close)
                time_of_result(detector, START_TIMEOUT)
                stack.pop_all()
        except (AnoncamError, OSError):
            # An OSError: there are no free descriptors for another process.
            return None
        self._problem, self._on_coral = "", True
        return detector
