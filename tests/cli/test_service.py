import ipaddress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from anoncam.cli import service
from anoncam.cli.main import commands


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(service, "UNITS", tmp_path)
    monkeypatch.setattr(service, "_MANAGER", tmp_path / "no manager")
    return tmp_path


def allow(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["service", "allow", *arguments])


def test_the_drop_in_opens_the_families_and_addresses_of_the_cameras_and_no_more(
    units: Path,
) -> None:
    result = allow("192.168.0.7", "fe80::7%eth0", "10.1.2.3/24")
    assert result.exit_code == 0
    file = units / "anoncam.service.d/anoncam-net.conf"
    assert result.stdout.splitlines() == [
        str(file),
        "in force after: systemctl restart anoncam.service",
    ]
    assert file.read_text().splitlines()[1:] == [
        "[Service]",
        "RestrictAddressFamilies=AF_INET AF_INET6",
        "IPAddressAllow=192.168.0.7",
        "IPAddressAllow=fe80::7",
        "IPAddressAllow=10.1.2.0/24",
    ]
    assert allow("192.168.0.8").exit_code == 0
    assert "192.168.0.7" not in file.read_text()
    assert "AF_INET6" not in file.read_text()


def test_one_of_several_cameras_has_a_drop_in_of_its_own(units: Path) -> None:
    assert allow("--camera", "door", "10.0.0.7").exit_code == 0
    assert (units / "anoncam@door.service.d/anoncam-net.conf").exists()


@pytest.mark.parametrize(
    "address",
    [
        "camera.local", "rtsp://10.0.0.7/", "0.0.0.0/0", "::/0", "any", "", "10.0.0.7:554",
        "10.0.0.7\nIPAddressAllow=any",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_camera_is_refused(units: Path, address: str) -> None:
    assert allow(address).exit_code == 2
    assert list(units.iterdir()) == []


def test_a_drop_in_names_networks_as_systemd_reads_them() -> None:
    assert "IPAddressAllow=10.0.0.0/8\n" in service.drop_in([ipaddress.ip_network("10.0.0.0/8")])
