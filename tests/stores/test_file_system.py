"""A URL with a password is refused and not shown, and each thing that is missing has a remedy."""

import sys
from pathlib import Path

import pytest

from anoncam.errors import InputError, StoreError, UnreachableError
from anoncam.stores import file_system
from anoncam.stores.remote_file import RemoteFile
from tests.support.s3_store import s3_store

SECRET = "hunter2"  # noqa: S105 - it must not be shown


@pytest.mark.parametrize(
    "url",
    [
        f"sftp://camera:{SECRET}@host/folder",
        f"sftp://camera@{SECRET}@host/folder",
        f"https://bucket.example/in.mp4?X-Amz-Signature={SECRET}",
        f"sftp://camera%3A{SECRET}@host/folder",
        f"sftp://camera:a/{SECRET}@host/folder",
        f"https://{SECRET}@host/in.mp4",
        f"https://host?token={SECRET}",
        f"https://camera:{SECRET}@host?token={SECRET}",
        f"https://host/in.mp4#{SECRET}",
        f"abfs://footage@account.dfs.core.windows.net/in.mp4?sv=2022-11-02&sig={SECRET}",
        f"s3://footage/in.mp4?X-Amz-Signature={SECRET}",
        f"simplecache::s3://footage/{SECRET}",
    ],
)
def test_a_url_that_may_hold_a_password_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        RemoteFile(url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "s3://footage/what?.mp4",
        "s3://footage/me@home: 1..2.mp4",
        "sftp://camera@host:2022/me@home.mp4",
        "abfs://footage@account.dfs.core.windows.net/in.mp4",
        "s3://arn:aws:s3:eu-central-1:1:accesspoint/footage/in.mp4",
    ],
)
def test_a_url_without_a_password_is_used(url: str) -> None:
    assert RemoteFile(url).url == url


def test_what_keeps_copies_on_a_disk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    cached = fsspec.filesystem("simplecache", target_protocol="memory")
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda _url: (cached, "/in.mp4"))
    with pytest.raises(StoreError, match="copies on a disk"):
        file_system.file_system("memory://in.mp4")


def test_a_missing_extra_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(StoreError, match=r"install anoncam\[archives\]"):
        RemoteFile("s3://footage/in.mp4").exists()


def test_a_missing_library_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = pytest.importorskip("fsspec.registry")
    monkeypatch.delitem(registry._registry, "sftp", raising=False)
    monkeypatch.setitem(sys.modules, "paramiko", None)
    monkeypatch.delitem(sys.modules, "fsspec.implementations.sftp", raising=False)
    with pytest.raises(StoreError, match="paramiko for sftp"):
        RemoteFile("sftp://host/in.mp4").exists()


def test_a_store_of_an_unknown_kind_is_told() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(StoreError, match="no store that fsspec knows"):
        RemoteFile("gopher://host/in.mp4").exists()


@pytest.mark.parametrize(
    ("raised", "kind", "match"),
    [
        (PermissionError(SECRET), StoreError, "no permission"),
        (type("NoCredentialsError", (Exception,), {})(SECRET), StoreError, "no permission"),
        (ConnectionResetError(SECRET), UnreachableError, "cannot be reached"),
    ],
)
def test_what_a_store_refuses_is_told_without_its_words(
    raised: Exception, kind: type[StoreError], match: str
) -> None:
    with (
        pytest.raises(StoreError, match=match) as told,
        file_system.store_errors("s3://footage/in.mp4"),
    ):
        raise raised
    assert type(told.value) is kind
    assert SECRET not in str(told.value)


@pytest.mark.integration
def test_a_missing_bucket_and_a_missing_file_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with s3_store(monkeypatch) as store:
        with pytest.raises(InputError, match=r"none.mp4 does not exist .*bucket"):
            (store / "none.mp4").read_bytes()
        elsewhere = RemoteFile("s3://no-such-bucket/out.mp4")
        assert not elsewhere.exists()
        with pytest.raises(StoreError, match="there is no such bucket"):
            elsewhere.write_bytes(b"x")
        assert RemoteFile("s3://no-such-bucket/in").files() == []
