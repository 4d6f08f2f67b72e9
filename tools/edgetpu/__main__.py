"""The second half of `tools/edgetpu/compile`; it needs nothing but Python."""

import argparse
import sys
from pathlib import Path

from anoncam.errors import AnoncamError
from tools.edgetpu.compilation import take

EXAMPLE = """Example:
  python -m tools.edgetpu face.tflite made/face_edgetpu.tflite made/compiler.log dist
"""


def main() -> None:
    """Check what the compiler has made, and put it with its report into a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.edgetpu",
        description=main.__doc__,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", type=Path, help="the .tflite file that was compiled")
    parser.add_argument("compiled", type=Path, help="what the compiler has made")
    parser.add_argument("log", type=Path, help="what it has printed, with --show_operations")
    parser.add_argument("folder", type=Path, help="where the result goes")
    given = parser.parse_args()
    try:
        made = take(given.source, given.compiled, given.log.read_text(), given.folder)
    except (AnoncamError, OSError) as error:
        sys.exit(f"compile: {error}")
    print(f"{made}: every operator is on the Edge TPU")


if __name__ == "__main__":
    main()
