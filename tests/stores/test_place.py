"""A path is a path, a URL a place in a store."""

from pathlib import Path

import pytest

from anoncam.errors import StoreError
from anoncam.stores.place import place_of
from anoncam.stores.remote_file import RemoteFile


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("in.mp4", Path("in.mp4")),
        ("a:b/in.mp4", Path("a:b/in.mp4")),
        ("file:///nfs/in.mp4", Path("/nfs/in.mp4")),
        ("file://localhost/nfs/in.mp4", Path("/nfs/in.mp4")),
        ("FILE:///nfs/My%20garden/50%25 \udcff.mp4", Path("/nfs/My garden/50% \udcff.mp4")),
        ("file:///nfs/100%.mp4", Path("/nfs/100%.mp4")),
        ("s3://footage/in.mp4", RemoteFile("s3://footage/in.mp4")),
        ("sftp://camera@host:2022/in.mp4", RemoteFile("sftp://camera@host:2022/in.mp4")),
    ],
)
def test_a_text_names_a_place(text: str, place: Path | RemoteFile) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize("text", ["file://nas/in.mp4", "file://me:hunter2@nas/in.mp4", "file://in"])
def test_a_file_url_of_another_machine_is_no_path_of_this(text: str) -> None:
    with pytest.raises(StoreError) as refused:
        place_of(text)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "SFTP://camera:hunter2@host/in.mp4",
        "Https://bucket.example/in.mp4?sig=hunter2",
        "simplecache::s3://footage/hunter2.mp4",
        "zip://in.mp4::sftp://camera:hunter2@host/in.zip",
    ],
)
def test_a_url_that_cannot_be_used_is_no_path_instead(text: str) -> None:
    with pytest.raises(StoreError) as refused:
        place_of(text)
    assert "hunter2" not in str(refused.value)
