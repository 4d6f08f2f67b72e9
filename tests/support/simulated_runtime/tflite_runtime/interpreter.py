"""A TFLite runtime inside the detector process that fails by a plan; ai-edge-litert does the work.

The variable `SIMULATED_FAULTS` names a JSON file, which is read at every step. It holds
`{"load": FAULT}` or `{"invoke": FAULT}`, and `{"coral": true}` if a Coral is connected.

Faults of the process: abort, crash, exit, stop (SIGSTOP), hang (no thread runs), leak, no-numbers
(NaN in the outputs), refuse (an exception), dumpable (exit with 40 plus PR_GET_DUMPABLE), or a
number (seconds of delay). Faults of the next reply: ticket, short, long, endless, not-finite,
outside, full (as many faces as the output holds), beyond (boxes outside of the picture) and crowd-N
(N more faces).
"""

import ctypes
import json
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import interpreter as litert
from numpy.typing import NDArray

_PR_GET_DUMPABLE = 3
_TPU_MARK = b"edgetpu-custom-op"

_leaked: list[bytes] = []


class Interpreter:
    """An interpreter of ai-edge-litert; with a delegate, it runs what a model was compiled of."""

    def __init__(
        self,
        model_content: bytes,
        num_threads: int = 1,
        experimental_delegates: tuple[object, ...] | list[object] = (),
    ) -> None:
        misbehave("load")
        self._on_coral = bool(experimental_delegates)
        # The tests' compiled models are plain ones with the mark of the compiler behind them.
        plain = model_content.removesuffix(_TPU_MARK) if self._on_coral else model_content
        self._real = litert.Interpreter(model_content=plain, num_threads=num_threads)
        self._no_numbers = False

    def allocate_tensors(self) -> None:
        """Allocate memory for the tensors."""
        self._real.allocate_tensors()

    def get_input_details(self) -> list[dict[str, Any]]:
        """Describe the input."""
        return list(self._real.get_input_details())

    def get_output_details(self) -> list[dict[str, Any]]:
        """Describe the outputs."""
        return list(self._real.get_output_details())

    def set_tensor(self, index: int, value: NDArray[Any]) -> None:
        """Set the input."""
        self._real.set_tensor(index, value)

    def invoke(self) -> None:
        """Run the model, and fail if the plan says so."""
        if self._on_coral and not _plan().get("coral"):
            # What libedgetpu does when the stick is pulled out.
            os.abort()
        self._real.invoke()
        self._no_numbers = misbehave("invoke") == "no-numbers"

    def get_tensor(self, index: int) -> NDArray[Any]:
        """The stored values of an output."""
        real = self._real.get_tensor(index)
        return np.full_like(real, np.nan, dtype=np.float32) if self._no_numbers else real


def load_delegate(library: str, options: object = None) -> object:
    """The delegate for a Coral that may be there."""
    if not _plan().get("coral"):
        raise ValueError("Failed to load delegate from " + library)
    return object()


def misbehave(step: str) -> object:
    """Fail as the plan has it for this step."""
    fault = _plan().get(step)
    if isinstance(fault, int | float):
        time.sleep(fault)
    elif fault in _FAULTS:
        _FAULTS[fault]()
    elif fault in _REPLY_FAULTS:
        _spoil_next_reply(_REPLY_FAULTS[fault])
    return fault


def _plan() -> dict[str, Any]:
    path = Path(os.environ["SIMULATED_FAULTS"])
    return json.loads(path.read_text()) if path.exists() else {}


def _hang() -> None:
    ctypes.PyDLL(None).sleep(3600)


def _leak() -> None:
    _leaked.append(os.urandom(4 << 20))


def _refuse() -> None:
    raise RuntimeError("Node number 7 (EdgeTpuDelegateForCustomOp) failed to invoke.")


def _spoil_next_reply(spoil: Callable[[bytes], bytes]) -> None:
    reply = sys.modules["anoncam.detectors.process.messages"].Reply
    encode = reply.encode

    def spoiled(self: object) -> bytes:
        reply.encode = encode
        return spoil(encode(self))

    reply.encode = spoiled


def _with_box(*numbers: float) -> Callable[[bytes], bytes]:
    return lambda message: message[:9] + struct.pack("<I5f", 1, *numbers)


def _and_boxes(*boxes: Sequence[float]) -> Callable[[bytes], bytes]:
    """Append more boxes (x, y, width, height, score) to the reply."""
    more = b"".join(struct.pack("<5f", *box) for box in boxes)

    def spoil(message: bytes) -> bytes:
        (count,) = struct.unpack("<I", message[9:13])
        return message[:9] + struct.pack("<I", count + len(boxes)) + message[13:] + more

    return spoil


def _crowd(count: int) -> list[tuple[float, ...]]:
    """Small faces below the scene of the film, above its number: few apart, many side by side."""
    apart = max(1, 75 * 6 // count)
    return [
        (4.0 * (place % 75), 194.0 + 4 * (place // 75 % 6), 3.0, 3.0, 0.9)
        for place in range(0, apart * count, apart)
    ]


_FAULTS: dict[object, Callable[[], None]] = {
    "abort": os.abort,
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(3),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "hang": _hang,
    "leak": _leak,
    "refuse": _refuse,
    "dumpable": lambda: os._exit(40 + ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0)),
}

_REPLY_FAULTS: dict[object, Callable[[bytes], bytes]] = {
    "ticket": lambda message: struct.pack("<Q", 12345) + message[8:],
    "short": lambda message: message[:5],
    "long": lambda message: message + bytes(7),
    "endless": lambda message: message + bytes(100_000),
    "not-finite": _with_box(float("nan"), 1.0, 2.0, 3.0, 0.5),
    "outside": _with_box(1e30, 1.0, 2.0, 3.0, 0.5),
    "full": lambda message: message[:8] + b"\0" + message[9:],
    "beyond": _and_boxes((-5000.0, -5000.0, 50.0, 50.0, 0.9), (5000.0, 100.0, 50.0, 50.0, 0.9)),
    **{f"crowd-{count}": _and_boxes(*_crowd(count)) for count in (4, 400, 1500)},
}
