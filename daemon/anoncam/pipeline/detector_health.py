"""Report what the detector is doing: each failure is one event, and its end is another."""

import logging

from anoncam.detectors.detector import DetectorInfo
from anoncam.errors import AnoncamError, CoralError
from anoncam.events.event import Event, emit


class DetectorHealth:
    """Compares what happens with what was reported last.

    `info` is of the detector that runs or ran last. `failure` is why there is none; it is empty
    where one works.
    """

    def __init__(self) -> None:
        self.info: DetectorInfo | None = None
        self.failure = ""
        self._is_late = False

    def started(self, info: DetectorInfo) -> None:
        """Report a detector that is another one than before, or runs elsewhere."""
        before, self.info = self.info, info
        if info == before:
            return
        where = f"runs on {info.device} with {info.runtime}, because {info.reason}"
        emit(
            Event.DETECTOR_UP,
            f"detector {info.model} {where}",
            model=info.model,
            sha256=info.sha256,
            input="x".join(map(str, info.input_size)),
            device=info.device,
            reason=info.reason,
            runtime=info.runtime,
        )
        if info.coral_problem and not (before and before.coral_problem):
            text = f"{info.coral_problem}: the processor does its work until it is back"
            emit(Event.CORAL_UNUSABLE, text, level=logging.WARNING)
        elif before and before.coral_problem and info.device == "coral":
            emit(Event.CORAL_BACK, "the Coral works again: detection runs on it")

    def failed(self, error: Exception) -> None:
        """Report the first of several failures in a row."""
        reason = str(error) or type(error).__name__
        if not isinstance(error, AnoncamError):
            logging.getLogger(__name__).error(
                "the detector failed in an unknown way", exc_info=error
            )
        if not self.failure:
            event = Event.CORAL_UNUSABLE if isinstance(error, CoralError) else Event.DETECTOR_DEAD
            text = f"{reason}: frames are veiled until it is back"
            emit(event, text, level=logging.ERROR, reason=reason)
        self.failure = reason

    def succeeded(self, latency: float, *, is_late: bool) -> None:
        """Report a detector that is late, or well again; `latency` is in seconds.

        A silent one is reported when it is given up: each failure is one event.
        """
        if self.failure or (self._is_late and not is_late):
            self.failure, self._is_late = "", False
            text = "the detector gives results again"
            emit(Event.DETECTOR_BACK, text, latency=round(latency, 4))
        elif is_late and not self._is_late:
            self._is_late = True
            text = f"the detector takes {latency:.1f} s for a result: frames without one are veiled"
            emit(Event.DETECTOR_LATE, text, level=logging.WARNING, seconds=round(latency, 3))
