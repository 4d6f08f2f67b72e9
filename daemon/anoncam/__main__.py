"""``python -m anoncam`` is the command ``anoncam``."""

from anoncam.commands import main

main()
