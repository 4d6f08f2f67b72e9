"""The command line of `python -m tools.demo`, which `make demo` runs."""

import argparse
import sys
from pathlib import Path

from anoncam.errors import AnoncamError
from tools.demo.demonstration import demonstrate

OUTPUT = Path("demo-output")
"""Emptied by each run, so the user cannot choose it."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo",
        description="Run the daemon on a video and report. The output is in demo-output.",
        epilog="Example: python -m tools.demo holiday.mp4",
    )
    parser.add_argument(
        "source",
        type=Path,
        nargs="?",
        metavar="SOURCE",
        help="a video (default: footage that is generated)",
    )
    given = parser.parse_args()
    try:
        raise SystemExit(demonstrate(given.source, OUTPUT))
    except AnoncamError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
