from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ByteSize

from anoncam.config.folders import Folders
from anoncam.config.schema import Config, RecordingSettings, RetentionSettings
from anoncam.doctor import machine
from anoncam.doctor.check import Finding, Installation, Machine, Verdict, run_program


def installation(
    root: Path, *, throttled: str | None = None, config: Config | None = None, pid: int = 0
) -> Installation:
    def run(command: Sequence[str]) -> str | None:
        return throttled if command == ["vcgencmd", "get_throttled"] else None

    status = {"pid": pid} if pid else {}
    return Installation(
        config or Config(), Folders(root / "state", root / "run"), status, Machine(root, run)
    )


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def only(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def test_a_pi_that_was_never_slowed_down_is_fine(tmp_path: Path) -> None:
    assert (
        only(list(machine.check_power(installation(tmp_path, throttled="throttled=0x0")))).verdict
        is Verdict.OK
    )


def test_every_bit_of_throttling_is_a_cause(tmp_path: Path) -> None:
    found = only(list(machine.check_power(installation(tmp_path, throttled="throttled=0x50005"))))
    assert found.verdict is Verdict.PROBLEM
    assert found.cause == (
        "the voltage is too low now; the processor is throttled now; "
        "the voltage has been too low since boot; the processor has been throttled since boot"
    )


@pytest.mark.parametrize(
    ("degrees", "verdict"), [("54768", Verdict.OK), ("84321", Verdict.PROBLEM)]
)
def test_heat_is_reported(tmp_path: Path, degrees: str, verdict: Verdict) -> None:
    write(tmp_path, "sys/class/thermal/thermal_zone0/temp", f"{degrees}\n")
    unknown, found = machine.check_power(installation(tmp_path))
    assert (unknown.verdict, found.verdict) == (Verdict.NOTE, verdict)


def test_a_disk_with_room_is_fine_and_its_hours_are_reported(tmp_path: Path) -> None:
    found = only(list(machine.check_disk(installation(tmp_path, config=_keeping(1)))))
    assert found.verdict is Verdict.OK
    assert "hours of footage" in found.what
    assert list(tmp_path.iterdir()) == []


def test_a_disk_with_less_than_min_free_is_a_problem(tmp_path: Path) -> None:
    found = only(list(machine.check_disk(installation(tmp_path, config=_keeping(1 << 60)))))
    assert found.what == "there is too little room"


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    config = Config(recording=RecordingSettings(folder=Path("/proc/sys")))
    found = next(machine.check_disk(installation(tmp_path, config=config)))
    assert found.verdict is Verdict.PROBLEM
    assert "/proc/sys cannot be written" in found.what


@pytest.mark.parametrize(
    ("synchronized", "verdict"), [(True, Verdict.OK), (False, Verdict.PROBLEM)]
)
def test_a_clock_that_nothing_has_set_is_a_problem(
    tmp_path: Path, synchronized: bool, verdict: Verdict
) -> None:
    assert (
        only(list(machine.check_clock(installation(tmp_path), lambda: synchronized))).verdict
        is verdict
    )


@pytest.mark.parametrize(
    ("locked", "swap", "verdict"),
    [(0, True, Verdict.PROBLEM), (204800, True, Verdict.OK), (204800, False, Verdict.OK)],
)
def test_the_daemons_memory_must_be_locked_where_there_is_swap(
    tmp_path: Path, locked: int, swap: bool, verdict: Verdict
) -> None:
    write(tmp_path, "proc/42/status", f"Name:\tanoncam\nVmLck:\t{locked} kB\n")
    write(tmp_path, "proc/swaps", "Filename Type\n" + ("/var/swap file\n" if swap else ""))
    assert only(list(machine.check_memory(installation(tmp_path, pid=42)))).verdict is verdict


def test_the_doctors_own_memory_is_judged_without_a_daemon(tmp_path: Path) -> None:
    write(tmp_path, "proc/swaps", "Filename Type\n")
    assert only(list(machine.check_memory(installation(tmp_path)))).verdict is Verdict.OK


def test_a_program_that_is_missing_or_fails_prints_nothing() -> None:
    assert run_program(["echo", "throttled=0x0"]) == "throttled=0x0"
    assert run_program(["false"]) is None
    assert run_program(["/no/such/program"]) is None


def test_a_machine_without_the_user_of_the_service_gets_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "USER", "nobody-of-this-name")
    assert only(list(machine.check_permissions(installation(tmp_path)))).verdict is Verdict.NOTE


def test_a_user_outside_of_the_groups_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "USER", "nobody")
    monkeypatch.setattr(machine, "GROUPS", {"root": "cameras"})
    found = only(list(machine.check_permissions(installation(tmp_path))))
    assert (found.verdict, found.remedy) == (
        Verdict.PROBLEM,
        "adduser nobody root, then systemctl restart anoncam",
    )


def _keeping(count: int) -> Config:
    retention = RetentionSettings(min_free=ByteSize(count))
    return Config(recording=RecordingSettings(retention=retention))
