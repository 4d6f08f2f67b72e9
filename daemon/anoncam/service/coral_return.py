"""Goes back to the Coral when it works again."""

import threading

from anoncam.clock import Stop
from anoncam.detectors import coral_fallback
from anoncam.detectors.coral_fallback import CoralFallback
from anoncam.pipeline.inference import InferenceStage


def start_coral_return(inference: InferenceStage, stop: Stop) -> None:
    """Try the Coral again and again, in a thread, while the processor stands in for it.

    The thread never ends: a detector that it starts would end with it.
    """
    threading.Thread(target=_run, args=(inference, stop), name="coral", daemon=True).start()


def _run(inference: InferenceStage, stop: Stop) -> None:
    pause = threading.Event()
    while True:
        make, info = inference.make, inference.info
        pause.wait(make.pause if isinstance(make, CoralFallback) else coral_fallback.RETRY_PAUSE)
        lacks_it = info is not None and info.coral_problem
        if not lacks_it or not isinstance(make, CoralFallback) or stop.requested:
            continue
        detector = make.try_the_coral()
        if detector is not None:
            inference.replace(make, detector, instead_of=make)
