"""The software: do the model, the detector and the encoder work on this machine?"""

import contextlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.coral_devices import MODEL_FOR_CORAL
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.detector_process import open_detector
from anoncam.detectors.tflite.runtime import MODULES
from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.errors import AnoncamError, DetectorError, ModelError
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.recording.encoder import try_encoder
from anoncam.recording.h264_stream import LIBX264, V4L2M2M
from anoncam.service.reload import detector_starter


def check_detector(installation: Installation) -> Iterator[Finding]:
    """Find runtime and model, and run the detector on a black picture."""
    runtimes = list(_runtimes())
    if runtimes:
        yield ok("detector", f"runtime {' and '.join(runtimes)}")
    else:
        yield problem(
            "detector", "no runtime is installed", "no TFLite", f"install {' or '.join(MODULES)}"
        )
    settings = installation.config.detector
    try:
        model = model_file.find(settings.model)
        yield ok("model", f"{model.path}, sha256 {model.sha256[:12]}…")
        if (
            settings.device == "coral"
            and not model.for_coral
            and model_file.coral_twin(model) is None
        ):
            remedy = f"sudo anoncam model use {MODEL_FOR_CORAL}, or set detector.device: auto"
            yield problem(
                "model", "it is not compiled for the Coral", "no Edge TPU code is in it", remedy
            )
        if settings.service is not None:
            yield _ask_service(settings)
        if installation.status:
            yield _ask_daemon(installation)
        else:
            yield from _try_detector(installation)
    except ModelError as error:
        yield problem("model", "it cannot be used", str(error), "set detector.model: auto")
    except AnoncamError as error:
        yield problem(
            "detector",
            "it gives no result",
            str(error),
            "remove the cause, or set detector.device: cpu",
        )


def check_encoder(installation: Installation) -> Iterator[Finding]:
    """Encode a few grey frames of the configured size."""
    wanted, source = installation.config.recording.encoder, installation.config.source
    picture, bitrate = tight(source.width, source.height), installation.config.recording.bitrate
    if wanted != LIBX264 and not installation.status:
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
                "encoder", f"none in hardware ({V4L2M2M}: {trouble}), so the processor encodes"
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


def _ask_service(settings: DetectorSettings) -> Finding:
    """Connect as a camera does.

    Raises:
        DetectorError: there is no service, or it has no detector for this camera.
    """
    with contextlib.closing(open_detector(settings, 0.5)) as detector:
        info = detector.info
        return ok(
            "detector", f"the service at {settings.service} runs {info.model} on {info.device}"
        )


def _ask_daemon(installation: Installation) -> Finding:
    detector, veil = installation.status.get("detector"), installation.status["counts"]["veil"]
    if not detector:
        return problem(
            "detector", "the daemon has none", veil or "it does not start", "see anoncam events"
        )
    if detector["coral_problem"]:
        return note("detector", f"on the processor: {detector['coral_problem']}")
    return ok(
        "detector",
        f"the daemon's gives a result in {detector['latency_ms']:.0f} ms on {detector['device']},"
        f" with {detector['model']}",
    )


def _try_detector(installation: Installation) -> Iterator[Finding]:
    settings = installation.config.detector
    frame = FramePool(
        tight(installation.config.source.width, installation.config.source.height), 1
    ).acquire()
    with contextlib.closing(detector_starter(installation.config)()) as detector:
        result: DetectionResult | None = None
        # The first result is slow: caches and a Coral warm up.
        for timestamp in (0, 1):
            if frame is not None:
                detector.submit(frame, timestamp)
                result = detector.collect(settings.result_timeout)
        if result is None:
            raise DetectorError(f"no result came within {settings.result_timeout:g} s")
        info = detector.info
        text = f"{info.model} gives a result in {result.latency * 1000:.0f} ms on {info.device}"
        yield ok("detector", f"{text} with {info.runtime}; {info.reason}")
        if info.coral_problem:
            yield note("detector", f"the Coral was tried and failed: {info.coral_problem}")
