from pathlib import Path

import pytest

from anoncam.errors import InputError
from tools.leakrate.reported_coverage import ReportedCoverage, read_coverage


def test_a_written_coverage_is_read_again(tmp_path: Path) -> None:
    coverage = ReportedCoverage(ellipses=True, frames=[[(1.0, 2.0, 3.0, 4.0)], []])
    coverage.write(tmp_path / "covered.json")
    assert read_coverage(tmp_path / "covered.json") == coverage


def test_a_missing_or_malformed_coverage_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        read_coverage(tmp_path / "missing.json")
    (tmp_path / "nonsense.json").write_text('{"frames": [[1]]}')
    with pytest.raises(InputError, match="holds no coverage"):
        read_coverage(tmp_path / "nonsense.json")
