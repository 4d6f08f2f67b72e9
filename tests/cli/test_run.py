"""`anoncam run`, as far as it ends at once."""

from pathlib import Path

import pytest

from anoncam.errors import InputError
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_a_file_that_cannot_be_read_ends_it_with_one_line(tmp_path: Path) -> None:
    for name, content in (
        ("none.mp4", None),
        ("empty.mp4", b""),
        ("noise.mp4", b"no video " * 100),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        config = tmp_path / "config.yaml"
        config.write_text(f"source: {{type: file, address: {path}}}\n")
        ended = anoncam(
            "run", "--config", config, environment={"STATE_DIRECTORY": str(tmp_path / "state")}
        )
        assert ended.returncode == InputError.exit_code
        errors = [line for line in ended.stderr.splitlines() if line.startswith("anoncam: ")]
        assert len(errors) == 1
        assert name in errors[0]
        assert "Traceback" not in ended.stderr
