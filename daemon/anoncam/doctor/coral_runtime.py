"""The Coral's software: do library, runtime and kernel fit together?"""

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from anoncam.detectors.tflite.runtime import MODULES
from anoncam.doctor.check import Finding, Installation, Machine, note, ok, problem

CHECK = "coral"
PAGE = "docs/coral.md"

FIRST_BROKEN = (2, 12)
"""The first tflite-runtime with which Google's library crashes: google-coral/edgetpu#812."""

_PACKAGES = "libedgetpu1-*"


def check_runtime(installation: Installation) -> Iterator[Finding]:
    """Compare the library with the runtime that loads it, and look for the wrong pycoral."""
    machine = installation.machine
    found = _library(machine)
    if not found:
        remedy = f"install libedgetpu1-std of your Debian release: {PAGE}"
        yield problem(CHECK, "its library is missing", "there is no libedgetpu.so.1", remedy)
    else:
        packages = machine.run(
            ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", _PACKAGES]
        )
        yield ok(CHECK, f"library {found} ({packages or 'of no package'})")
        yield from _check_pair(packages or "", _runtime(installation.config.detector.runtime))
        if "libedgetpu1-max" in (packages or ""):
            text = "libedgetpu1-max runs it at full clock: it gets hot, and then slower or hangs"
            yield note(CHECK, text, "install libedgetpu1-std, or cool it")
    if _is_another_pycoral():
        cause = "the package pycoral on PyPI has nothing to do with Google's"
        yield problem(CHECK, "another project is installed as pycoral", cause, "pip uninstall it")


def _check_pair(packages: str, runtime: tuple[str, tuple[int, ...]]) -> Iterator[Finding]:
    name, number = runtime
    built = re.search(r"TF(\d+)\.(\d+)", packages)
    shown = f"{name} {'.'.join(map(str, number))}"
    if not packages or not name:
        return
    if built is None:
        if name == "ai-edge-litert" or number[:2] >= FIRST_BROKEN:
            yield problem(
                CHECK,
                f"its library crashes with {shown}",
                "Google's library was built with TensorFlow 2.5 (google-coral/edgetpu#812)",
                f"install the community's build of libedgetpu1-std: {PAGE}",
            )
        return
    theirs = int(built[1]), int(built[2])
    if name == "tflite-runtime" and number[:2] == theirs:
        yield ok(CHECK, f"library and runtime are a pair: {built[0]} and {shown}")
    else:
        text = f"no report shows that {built[0]} and {shown} work together"
        remedy = f"if the detector process crashes, install a pair that is known: {PAGE}"
        yield note(CHECK, text, remedy)


def _library(machine: Machine) -> str:
    libraries = [
        *sorted(machine.path("/usr/lib").glob("*/libedgetpu.so.1*")),
        *sorted(machine.path("/usr/local/lib").glob("libedgetpu.so.1*")),
    ]
    return libraries[-1].name if libraries else ""


def _runtime(wanted: str) -> tuple[str, tuple[int, ...]]:
    """The name and version of the runtime that the detector takes; empty if none is installed."""
    for name in MODULES:
        if wanted in ("auto", name):
            with contextlib.suppress(PackageNotFoundError):
                return name, tuple(int(part) for part in re.findall(r"\d+", version(name))[:3])
    return "", ()


def _is_another_pycoral() -> bool:
    try:
        version("pycoral")
    except PackageNotFoundError:
        return False
    try:
        return importlib.util.find_spec("pycoral.utils.edgetpu") is None
    except ImportError:
        return True


def check_pcie(machine: Machine, boards: list[str]) -> Iterator[Finding]:
    """Compare a Coral at PCIe with its driver and the kernel, and read its thermometer."""
    if not boards and is_at_pcie(machine):
        kernel = machine.text("/proc/sys/kernel/osrelease") or os.uname().release
        yield problem(
            CHECK,
            "its driver is missing",
            f"it is at PCIe, and the kernel {kernel} has no module apex",
            f"install gasket-dkms for this kernel: {PAGE}",
        )
    for board in boards:
        yield ok(CHECK, f"at PCIe, /dev/{board}")
        degrees = machine.text(f"/sys/class/apex/{board}/temp")
        limit = machine.text(f"/sys/class/apex/{board}/trip_point0_temp")
        if degrees.isdecimal() and limit.isdecimal() and int(degrees) >= int(limit):
            cause = f"from {int(limit) / 1000:.0f} °C it slows down"
            yield problem(
                CHECK, f"it has {int(degrees) / 1000:.0f} °C", cause, "give it a heat sink or a fan"
            )
        elif degrees.isdecimal():
            yield ok(CHECK, f"it has {int(degrees) / 1000:.0f} °C")


def is_at_pcie(machine: Machine) -> bool:
    """Whether the PCI bus lists a Coral; its ids are those of Global Unichip, who make the chip."""
    return any(
        machine.text(f"/sys/bus/pci/devices/{device.name}/vendor") == "0x1ac1"
        and machine.text(f"/sys/bus/pci/devices/{device.name}/device") == "0x089a"
        for device in machine.path("/sys/bus/pci/devices").glob("*")
    )


def check_usb_power(machine: Machine) -> Iterator[Finding]:
    """On a Pi 5: may a USB device draw what a Coral needs?"""
    if not machine.text("/proc/device-tree/model").startswith("Raspberry Pi 5"):
        return
    printed = machine.run(["vcgencmd", "get_config", "usb_max_current_enable"])
    if printed is not None and printed.endswith("=0"):
        yield problem(
            CHECK,
            "its port gives too little power",
            "with this power supply a Pi 5 gives 600 mA to all USB ports; a Coral draws up to 900",
            "use the official 27 W power supply, or a powered USB hub",
        )
