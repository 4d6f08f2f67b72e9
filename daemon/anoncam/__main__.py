"""``python -m anoncam`` is the command ``anoncam``."""

from anoncam.cli.main import main

main()
