"""An argument is a path, or the URL of a place in a store."""

from pathlib import Path

import pytest

from anoncam.cli.place_type import PlaceType
from anoncam.errors import StoreError
from anoncam.stores.remote_file import RemoteFile


def test_an_argument_is_a_path_or_a_url() -> None:
    place = PlaceType()
    assert place.convert("in.mp4", None, None) == Path("in.mp4")
    assert place.convert("file:///in.mp4", None, None) == Path("/in.mp4")
    assert place.convert("s3://footage/in.mp4", None, None) == RemoteFile("s3://footage/in.mp4")
    with pytest.raises(StoreError, match="password"):
        place.convert("sftp://camera:secret@host/in.mp4", None, None)
