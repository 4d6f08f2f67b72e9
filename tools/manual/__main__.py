"""The command line of `python -m tools.manual`."""

import gzip
import os
import time
from pathlib import Path

import click

from tools.manual.pages import completion, pages


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Example:
  python -m tools.manual /tmp/root && man -l /tmp/root/usr/share/man/man1/anoncam.1.gz
""",
)
@click.argument("root", type=click.Path(file_okay=False, path_type=Path))
def main(root: Path) -> None:
    """Write manual pages and bash completion below ROOT, as in a package.

    The date of the pages is SOURCE_DATE_EPOCH, where that is set.
    """
    now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    manual = root / "usr/share/man/man1"
    manual.mkdir(parents=True, exist_ok=True)
    for name, text in pages(time.strftime("%Y-%m-%d", time.gmtime(now))).items():
        # Without a time, so that the same page is the same file.
        (manual / f"{name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    completions = root / "usr/share/bash-completion/completions"
    completions.mkdir(parents=True, exist_ok=True)
    (completions / "anoncam").write_text(completion())


if __name__ == "__main__":
    main()
