"""The type of arguments that are paths or URLs."""

import os
from pathlib import Path

import click

from anoncam.stores.file_system import is_url
from anoncam.stores.place import Place, place_of


class PlaceType(click.Path):
    """A path, or the URL of a file or folder in a store."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(  # type: ignore[override]
        self, value: str | Place, parameter: click.Parameter | None, context: click.Context | None
    ) -> Place:
        """The place that `value` names.

        Raises:
            StoreError: it is a URL that cannot be used.
        """
        if isinstance(value, str) and is_url(value):
            return place_of(value)
        return Path(os.fsdecode(super().convert(str(value), parameter, context)))
