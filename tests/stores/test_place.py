"""A path is a path, a URL a place in a store."""

from pathlib import Path

import pytest

from anoncam.stores.place import place_of
from anoncam.stores.remote_file import RemoteFile


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("in.mp4", Path("in.mp4")),
        ("a:b/in.mp4", Path("a:b/in.mp4")),
        ("file:///nfs/in.mp4", Path("/nfs/in.mp4")),
        ("file://localhost/nfs/in.mp4", Path("/nfs/in.mp4")),
        ("s3://footage/in.mp4", RemoteFile("s3://footage/in.mp4")),
        ("sftp://camera@host:2022/in.mp4", RemoteFile("sftp://camera@host:2022/in.mp4")),
    ],
)
def test_a_text_names_a_place(text: str, place: Path | RemoteFile) -> None:
    assert place_of(text) == place
