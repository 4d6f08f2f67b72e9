import re

from tests.support.checkout import ROOT


def test_commands_print_by_their_one_way_out_only() -> None:
    commands = ROOT / "daemon" / "anoncam" / "cli"
    printing = re.compile(r"\becho\(|\bprint\(|stdout\.write\(|stderr\.write\(")
    assert [
        path.name for path in sorted(commands.glob("*.py")) if printing.search(path.read_text())
    ] == ["output.py"]
