from pathlib import Path

import pytest

from anoncam.detectors.coral_devices import (
    MODEL_FOR_CORAL,
    NO_BUILD,
    find_pcie,
    find_usb,
    why_no_build,
)


def plug(root: Path, vendor: str, product: str, speed: str) -> None:
    device = root / "sys/bus/usb/devices/2-1"
    device.mkdir(parents=True)
    facts = {"idVendor": vendor, "idProduct": product, "speed": speed, "busnum": "2", "devnum": "3"}
    for name, value in facts.items():
        (device / name).write_text(f"{value}\n")


def test_without_a_coral_nothing_is_to_be_typed(tmp_path: Path) -> None:
    assert why_no_build(tmp_path) == NO_BUILD


@pytest.mark.parametrize("ids", [("1a6e", "089a"), ("18d1", "9302")])
def test_with_a_coral_at_usb_one_line_says_what_to_type(
    tmp_path: Path, ids: tuple[str, str]
) -> None:
    plug(tmp_path, *ids, "5000")
    (stick,) = find_usb(tmp_path)
    assert (stick.speed, stick.node) == (5000, "/dev/bus/usb/002/003")
    text = why_no_build(tmp_path)
    assert text.endswith(f"type sudo anoncam model use {MODEL_FOR_CORAL}")
    assert "\n" not in text


def test_with_a_coral_at_pcie_too(tmp_path: Path) -> None:
    (tmp_path / "sys/class/apex/apex_0").mkdir(parents=True)
    assert find_pcie(tmp_path) == ["apex_0"]
    assert MODEL_FOR_CORAL in why_no_build(tmp_path)


def test_another_device_is_no_coral(tmp_path: Path) -> None:
    plug(tmp_path, "18d1", "4ee7", "480")
    assert find_usb(tmp_path) == []
