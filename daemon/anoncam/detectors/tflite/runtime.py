"""Loads a model with the installed TFLite runtime, on the Coral or on the CPU."""

import ctypes
import importlib
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from anoncam.detectors.coral_devices import MODEL_FOR_CORAL, why_no_build
from anoncam.detectors.model_file import ModelFile, coral_twin, cpu_twin
from anoncam.errors import CoralError, DetectorError, ModelError

MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}

CORAL_LIBRARY = "libedgetpu.so.1"


@dataclass(frozen=True)
class Loaded:
    """An interpreter with its tensors allocated.

    `reason` is why it runs on this device. `coral_problem` is set where a Coral was tried without
    success.
    """

    interpreter: Any
    model: ModelFile
    device: str
    reason: str
    runtime: str
    coral_problem: str = ""


def load(model: ModelFile, device: str, runtime: str, threads: int) -> Loaded:
    """Load `model` on `device`: auto, coral, cpu, or coral-or-cpu.

    "auto" takes a Coral if there is one and the model is compiled for it. "coral-or-cpu" refuses a
    model that is not compiled, but goes on without a Coral.

    Raises:
        CoralError: the Coral was asked for and cannot be used.
        ModelError: the file cannot be run.
        DetectorError: no runtime is installed.
    """
    name, module = import_runtime(runtime)
    if device == "cpu":
        return _load_on_cpu(name, module, model, "the configuration says so", threads)
    compiled = model if model.for_coral else coral_twin(model)
    if compiled is None:
        if device != "auto":
            raise CoralError(
                f"{model.path} is not compiled for the Edge TPU, so it would silently run on the"
                " CPU",
                f"type sudo anoncam model use {MODEL_FOR_CORAL}, or set detector.device: cpu",
            )
        return _load_on_cpu(name, module, model, why_no_build(), threads)
    try:
        return _load_on_coral(name, module, compiled)
    except CoralError as error:
        if device == "coral":
            raise
        return replace(
            _load_on_cpu(name, module, model, str(error), threads), coral_problem=str(error)
        )


def import_runtime(wanted: str) -> tuple[str, ModuleType]:
    """The name, with its version, and the module of the wanted runtime, or of any for `auto`.

    Raises:
        DetectorError: it is not installed.
    """
    for name, module in MODULES.items():
        if wanted in ("auto", name):
            try:
                return f"{name} {version(name.replace('-', '_'))}", importlib.import_module(module)
            except (ImportError, PackageNotFoundError):
                continue
    names = " or ".join(MODULES) if wanted == "auto" else wanted
    raise DetectorError("no TFLite runtime can be imported", f"install {names}")


def _load_on_cpu(
    name: str, module: ModuleType, model: ModelFile, reason: str, threads: int
) -> Loaded:
    plain = cpu_twin(model) if model.for_coral else model
    if plain is None:
        raise ModelError(
            f"{model.path} is compiled for the Edge TPU and cannot run on the CPU",
            f"because {reason}",
        )
    try:
        interpreter = module.Interpreter(model_content=plain.content, num_threads=threads)
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{plain.path} cannot be loaded: {error}", "it is damaged, or for another runtime"
        ) from error
    return _allocate(Loaded(interpreter, plain, "cpu", reason, name))


def _load_on_coral(name: str, module: ModuleType, model: ModelFile) -> Loaded:
    delegate, library = _load_delegate(module)
    try:
        interpreter = module.Interpreter(
            model_content=model.content, experimental_delegates=[delegate]
        )
        return _allocate(
            Loaded(interpreter, model, "coral", f"a Coral was opened by {library}", name)
        )
    except (ValueError, RuntimeError, ModelError) as error:
        raise CoralError(f"the Coral does not take the model {model.path}: {error}") from error


def _load_delegate(module: ModuleType) -> tuple[Any, str]:
    """Load the libedgetpu delegate and name where it is from: pycoral, or the library itself.

    This means Google's pycoral; the package of that name on PyPI is something else.
    """
    try:
        edgetpu = importlib.import_module("pycoral.utils.edgetpu")
    except ImportError:
        edgetpu = None
    try:
        if edgetpu is not None:
            return (
                edgetpu.load_edgetpu_delegate(),
                f"pycoral, libedgetpu {edgetpu.get_runtime_version()}",
            )
        # If the library is missing, the loader of the runtime leaves half an object behind, whose
        # clean-up prints a traceback.
        ctypes.CDLL(CORAL_LIBRARY)
        return module.load_delegate(CORAL_LIBRARY), CORAL_LIBRARY
    except OSError as error:
        raise CoralError(f"{CORAL_LIBRARY} cannot be loaded", "install libedgetpu1-std") from error
    except ValueError as error:
        raise CoralError(
            "no Coral is connected, or another process holds it", "plug it in; see lsusb"
        ) from error


def _allocate(loaded: Loaded) -> Loaded:
    try:
        loaded.interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{loaded.model.path} cannot be run: {error}") from error
    return loaded
