"""Fuzzes everything for some minutes: ``python -m tests.fuzz --minutes 60``.

Ends with 1 if there are findings. Each is written to a file in the folder `--keep`.
"""

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.fuzzing import attack
from tests.fuzz.targets import targets


def main() -> int:
    """Attack one target after the other until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the first seed")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.minutes * 60
    found: set[str] = set()
    count = 0
    with tempfile.TemporaryDirectory() as name:
        everything = targets(Path(name))
        print(f"seeds from {arguments.seed} on")
        for seed in itertools.count(arguments.seed):
            if time.monotonic() > end:
                break
            for target in everything:
                finding = attack(target, seed, Path(name))
                count += 1
                if finding is not None and repr(finding.error) not in found:
                    found.add(repr(finding.error))
                    arguments.keep.mkdir(exist_ok=True)
                    kept = arguments.keep / f"{target.name.replace(' ', '-')}-{seed}"
                    kept.write_bytes(finding.data)
                    print(f"{finding}: {kept}", flush=True)
    print(f"{count} inputs, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
