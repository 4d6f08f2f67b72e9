"""The configuration, the model, the detector and the encoder: do they work here?"""

import contextlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.detectors.tflite.runtime import MODULES
from anoncam.doctor.check import Finding, Patient, note, ok, problem
from anoncam.errors import AnoncamError, DetectorError, ModelError
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.recording.encoder import try_encoder
from anoncam.recording.h264_stream import LIBX264, V4L2M2M


def check_detector(patient: Patient) -> Iterator[Finding]:
    """Find runtime and model, and examine a black picture with them."""
    runtimes = list(_runtimes())
    if runtimes:
        yield ok("detector", f"runtime {' and '.join(runtimes)}")
    else:
        yield problem(
            "detector", "no runtime is installed", "no TFLite", f"install {' or '.join(MODULES)}"
        )
    settings = patient.config.detector
    try:
        model = model_file.find(settings.model)
        yield ok("model", f"{model.path}, sha256 {model.sha256[:12]}…")
        if (
            settings.device == "coral"
            and not model.for_coral
            and model_file.coral_twin(model) is None
        ):
            remedy = "compile it with edgetpu_compiler, or set detector.device: auto"
            yield problem(
                "model", "it is not compiled for the Coral", "no Edge TPU code is in it", remedy
            )
        if patient.status:
            yield _ask_daemon(patient)
        else:
            yield from _examine(patient)
    except ModelError as error:
        yield problem("model", "it cannot be used", str(error), "set detector.model: auto")
    except AnoncamError as error:
        yield problem(
            "detector",
            "it does not answer",
            str(error),
            "see to the cause, or set detector.device: cpu",
        )


def check_encoder(patient: Patient) -> Iterator[Finding]:
    """Encode a few grey frames of the real size."""
    wanted, source = patient.config.recording.encoder, patient.config.source
    picture, bitrate = tight(source.width, source.height), patient.config.recording.bitrate
    if wanted != LIBX264 and not patient.status:
        trouble = try_encoder(V4L2M2M, picture, bitrate)
        if trouble is None:
            yield ok("encoder", f"{V4L2M2M} encodes {source.width}x{source.height} in hardware")
            return
        if wanted == V4L2M2M:
            yield problem(
                "encoder", f"{V4L2M2M} does not work here", trouble, "set recording.encoder: auto"
            )
        else:
            yield note(
                "encoder", f"none in hardware ({V4L2M2M}: {trouble}), so the processor does it"
            )
    trouble = try_encoder(LIBX264, picture, bitrate)
    if trouble is None:
        yield ok("encoder", f"{LIBX264} encodes {source.width}x{source.height}")
    else:
        yield problem(
            "encoder",
            f"{LIBX264} does not work",
            trouble,
            "reinstall anoncam: its codecs are damaged",
        )


def _runtimes() -> Iterator[str]:
    for name in MODULES:
        with contextlib.suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _ask_daemon(patient: Patient) -> Finding:
    detector, veil = patient.status.get("detector"), patient.status["counts"]["veil"]
    if not detector:
        return problem(
            "detector", "the daemon has none", veil or "it does not start", "see anoncam events"
        )
    if detector["coral_problem"]:
        return note("detector", f"on the processor: {detector['coral_problem']}")
    return ok(
        "detector",
        f"the daemon's answers in {detector['latency_ms']:.0f} ms on {detector['device']}",
    )


def _examine(patient: Patient) -> Iterator[Finding]:
    settings = patient.config.detector
    frame = FramePool(tight(patient.config.source.width, patient.config.source.height), 1).acquire()
    with contextlib.closing(DetectorProcess(settings, 0.5)) as detector:
        answer: DetectionResult | None = None
        # The first one warms up caches, and a Coral.
        for timestamp in (0, 1):
            if frame is not None:
                detector.submit(frame, timestamp)
                answer = detector.collect(settings.result_timeout)
        if answer is None:
            raise DetectorError(f"no answer came within {settings.result_timeout:g} s")
        info = detector.info
        text = f"answers in {answer.latency * 1000:.0f} ms on {info.device} with {info.runtime}; {info.reason}"
        yield ok("detector", text)
        if info.coral_problem:
            yield note("detector", f"the Coral was tried in vain: {info.coral_problem}")
