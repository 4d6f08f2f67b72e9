"""Files on disks that may refuse what a program usually asks of them."""
