"""A part is whole or not there, and is written nowhere else."""

import secrets
from fractions import Fraction
from pathlib import Path

import av
import pytest

from anoncam.archive.part_writer import PartWriter
from anoncam.clock import NANOSECONDS
from anoncam.errors import StorageError
from tests.support.frames import moving, small_format

pytestmark = pytest.mark.integration


def writer(path: Path) -> PartWriter:
    return PartWriter(path, small_format(), Fraction(1, 1000), start=0, begin=NANOSECONDS)


def test_a_part_has_its_frames_without_the_lead_in_and_nothing_is_left_of_another(
    tmp_path: Path,
) -> None:
    for number, is_whole in enumerate((True, False)):
        with writer(tmp_path / f"{number}.nut") as part:
            for tenth in range(20):
                part.write(moving(small_format(), tenth * NANOSECONDS // 10))
            if is_whole:
                part.commit()
        assert part.frames == 10
    assert [path.name for path in tmp_path.iterdir()] == ["0.nut"]
    with av.open(str(tmp_path / "0.nut")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == [tenth / 10 for tenth in range(10, 20)]


def test_no_link_in_its_place_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bait = tmp_path / "bait"
    monkeypatch.setattr(secrets, "token_hex", lambda _: "00000000")
    (tmp_path / ".0.nut.00000000.part").symlink_to(bait)
    with pytest.raises(StorageError):
        writer(tmp_path / "0.nut")
    assert not bait.exists()
