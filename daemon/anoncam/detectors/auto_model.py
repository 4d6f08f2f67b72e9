"""Takes the larger of two shipped models for `auto`, where its results come fast enough."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Generic, TypeVar

from anoncam.config.schema import Config, DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.coral_devices import NO_BUILD
from anoncam.detectors.detector import Detector
from anoncam.detectors.model_file import DEFAULT_MODEL, LARGER_MODEL
from anoncam.detectors.trial import time_of_result
from anoncam.errors import CoralError, DetectorError

SHARE = 0.25
"""Part of the time between two results that a result of the larger model may take.

The rest is for the encoder, for other cameras, and for a machine that gets hot.
"""

_TIMES = 3

_TIMEOUT = 2.0
"""Seconds after which a result of the trial is waited for no longer."""

Kind = TypeVar("Kind", bound=Detector)


def longest_time(config: Config) -> float:
    """Seconds that a result of the larger model may take; 0 where the default is taken untried.

    That is for files, as what is covered there must not depend on how busy a machine is, and where
    every frame is inferred.
    """
    rate = config.detector.rate
    return SHARE / rate if rate and config.source.type != "file" else 0.0


class AutoModel(Generic[Kind]):
    """Starts detectors; the model `auto` is the larger one if it needs no more than `longest` s.

    Each device is measured once, when it is first used. If the larger model fails while it is
    started, the default takes its place from then on. `reason` of the detector's info ends with
    why it is the one or the other.

    >>> start = AutoModel(longest_time(config), DetectorProcess)
    >>> detector = start(config.detector, floor=0.2)
    """

    def __init__(self, longest: float, start: Callable[[DetectorSettings, float], Kind]) -> None:
        self._longest = longest
        self._start = start
        self._fits: dict[str, str] = {}
        """By device: what is said of the larger model."""
        self._fits_not: dict[str, str] = {}

    def __call__(self, settings: DetectorSettings, floor: float) -> Kind:
        """Start a detector.

        Raises:
            DetectorError: none can be started.
        """
        if settings.model != "auto" or not self._longest:
            return self._start(settings, floor)
        if settings.device not in self._fits_not:
            try:
                larger = self._start_larger(settings, floor)
            except CoralError:
                # It fails the default too, and may be back later.
                larger = None
            except DetectorError as error:
                larger = None
                self._fits_not[settings.device] = f"{LARGER_MODEL} fails: {error}"
            if larger is not None:
                return _because(larger, self._fits[settings.device])
        default = self._start(settings, floor)
        return _because(default, self._fits_not.get(settings.device, ""))

    def _start_larger(self, settings: DetectorSettings, floor: float) -> Kind | None:
        loses_coral = _is_compiled(DEFAULT_MODEL) and not _is_compiled(LARGER_MODEL)
        if settings.device != "cpu" and loses_coral:
            self._fits_not[settings.device] = f"{NO_BUILD} {LARGER_MODEL}"
            return None
        with contextlib.ExitStack() as stack:
            larger = self._start(settings.model_copy(update={"model": LARGER_MODEL}), floor)
            stack.callback(larger.close)
            if settings.device not in self._fits and not self._measure(larger, settings.device):
                return None
            stack.pop_all()
        return larger

    def _measure(self, larger: Detector, device: str) -> bool:
        # The first result is slow: caches and a Coral warm up.
        took = median([time_of_result(larger, _TIMEOUT) for _ in range(1 + _TIMES)][1:])
        allowed = f"{self._longest * 1000:.1f} ms are allowed"
        if took > self._longest:
            said = f"a result of {LARGER_MODEL} takes {took * 1000:.1f} ms, and {allowed}"
            self._fits_not[device] = said
            return False
        self._fits[device] = f"a result takes {took * 1000:.1f} ms, and {allowed}"
        return True


def _is_compiled(name: str) -> bool:
    return model_file.coral_twin(model_file.find(name)) is not None


def _because(detector: Kind, reason: str) -> Kind:
    if reason:
        detector.info = replace(detector.info, reason=f"{detector.info.reason}; {reason}")
    return detector
