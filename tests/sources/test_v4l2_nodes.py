"""Which nodes are cameras, by the descriptions that real drivers give."""

import ctypes
import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from anoncam.sources.v4l2_ioctl import (
    VIDIOC_ENUM_FMT,
    VIDIOC_ENUM_FRAMEINTERVALS,
    VIDIOC_QUERYCAP,
    Capability,
    FormatDescription,
    FrameInterval,
)
from anoncam.sources.v4l2_nodes import Node, choose_format, inspect, list_nodes

T = TypeVar("T")

CAPTURE, OUTPUT, M2M, M2M_MPLANE, META = 0x1, 0x2, 0x8000, 0x4000, 0x800000
STREAMING, EXTENDED, IO_MC, HAS_DEVICE_CAPS = 0x4000000, 0x200000, 0x20000000, 0x80000000
CAMERA = CAPTURE | STREAMING | EXTENDED


@dataclass
class Driver:
    """What a driver reports."""

    name: str = "uvcvideo"
    card: str = "HD Webcam"
    device_caps: int = CAMERA
    whole_device: int = CAMERA | META
    formats: tuple[str, ...] = ("YUYV", "MJPG")
    rates: dict[str, list[int]] = field(default_factory=dict)
    """Frames per second at 1280x720 by format."""


class Kernel:
    """Answers ioctls for the files of a folder."""

    def __init__(self, folder: Path, drivers: dict[str, Driver]) -> None:
        self._drivers = {str(folder / name): driver for name, driver in drivers.items()}
        for name in drivers:
            (folder / name).touch()

    def __call__(self, descriptor: int, request: int, structure: ctypes.Structure) -> None:
        driver = self._drivers[str(Path(f"/proc/self/fd/{descriptor}").readlink())]
        if request == VIDIOC_QUERYCAP and isinstance(structure, Capability):
            structure.driver = driver.name.encode()
            structure.card = driver.card.encode()
            structure.capabilities = driver.whole_device | HAS_DEVICE_CAPS
            structure.device_caps = driver.device_caps
        elif request == VIDIOC_ENUM_FMT and isinstance(structure, FormatDescription):
            assert structure.type == 1
            code = self._item(driver.formats, structure.index)
            structure.pixelformat = int.from_bytes(code.encode("latin-1"), "little")
        elif request == VIDIOC_ENUM_FRAMEINTERVALS and isinstance(structure, FrameInterval):
            code = structure.pixel_format.to_bytes(4, "little").decode()
            known = (structure.width, structure.height) == (1280, 720)
            rate = self._item(tuple(driver.rates.get(code, [])) if known else (), structure.index)
            structure.type = 1
            structure.interval[0], structure.interval[1] = 1, rate
        else:
            raise AssertionError(hex(request))

    @staticmethod
    def _item(items: tuple[T, ...], index: int) -> T:
        if index >= len(items):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return items[index]


def objection(tmp_path: Path, driver: Driver) -> str:
    return inspect(tmp_path / "video0", Kernel(tmp_path, {"video0": driver})).objection


def test_the_requests_are_those_of_the_kernel() -> None:
    assert [VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMEINTERVALS] == [
        0x80685600,
        0xC0405602,
        0xC034564B,
    ]


def test_a_usb_camera_is_a_camera_and_raw_comes_before_compressed(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path, {"video0": Driver(formats=("MJPG", "H264", "YUYV", "GREY"))})
    node = inspect(tmp_path / "video0", kernel)
    assert node == Node(tmp_path / "video0", "HD Webcam", ("YUYV", "MJPG", "H264"))
    assert str(node) == f"{tmp_path}/video0 (HD Webcam)"


@pytest.mark.parametrize(
    ("driver", "why"),
    [
        (Driver(device_caps=META | STREAMING, whole_device=CAMERA | META), "does not capture"),
        (Driver("bcm2835-codec", device_caps=M2M_MPLANE | STREAMING), "codec"),
        (Driver("some-codec", device_caps=M2M | CAMERA), "codec"),
        (Driver("bcm2835-isp", formats=("YUYV", "NV12")), "picture processor"),
        (Driver("bcm2835-isp", device_caps=OUTPUT | STREAMING), "output"),
        (Driver("rp1-cfe", device_caps=CAMERA | IO_MC), "media pipeline"),
        (Driver("unicam", formats=("pRAA", "RG10")), "no usable pixel format"),
        (Driver(device_caps=CAPTURE), "does not capture"),
    ],
)
def test_a_node_that_is_no_camera_has_an_objection(
    tmp_path: Path, driver: Driver, why: str
) -> None:
    assert why in objection(tmp_path, driver)


def test_only_numbered_nodes_are_listed_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    drivers = {name: Driver() for name in ("video10", "video2", "video0")}
    kernel = Kernel(tmp_path, drivers)
    (tmp_path / "video-codec").touch()
    (tmp_path / "media0").touch()
    assert [node.path.name for node in list_nodes(tmp_path, kernel)] == [
        "video0",
        "video2",
        "video10",
    ]


def test_the_objection_names_a_file_that_is_no_device_and_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert "not a video device" in inspect(tmp_path / "video0").objection
    assert "No such file" in inspect(tmp_path / "video1").objection


@pytest.mark.parametrize(
    ("rates", "wanted", "chosen"),
    [
        ({"YUYV": [10, 5], "MJPG": [30, 15]}, 30, "mjpeg"),
        ({"YUYV": [10, 5], "MJPG": [30, 15]}, 10, "yuyv422"),
        ({"YUYV": [10, 5], "MJPG": [30, 15]}, 60, "mjpeg"),
        ({}, 30, "yuyv422"),
    ],
)
def test_the_cheapest_format_that_is_fast_enough_is_chosen(
    tmp_path: Path, rates: dict[str, list[int]], wanted: float, chosen: str
) -> None:
    kernel = Kernel(tmp_path, {"video0": Driver(rates=rates)})
    node = inspect(tmp_path / "video0", kernel)
    assert choose_format(node, 1280, 720, wanted, kernel) == chosen
