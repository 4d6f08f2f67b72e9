"""A server of S3 on this machine, as a store for input and output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from anoncam.stores.file_system import file_system
from anoncam.stores.remote_file import RemoteFile
from tests.support.programs import free_port, serving

SECRET_KEY = "garden-gate-3f9a"  # noqa: S105 - of a server that lives as long as a test

_SERVER = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"


@contextmanager
def s3_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteFile]:
    """Run the server; an empty bucket. The environment has the credentials for it."""
    s3fs = pytest.importorskip("s3fs")
    port = free_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "camera")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    # fsspec keeps what it knows of the server of another test.
    s3fs.S3FileSystem.clear_instance_cache()
    with serving([sys.executable, "-c", _SERVER, str(port)], port):
        bucket = RemoteFile("s3://footage")
        file_system(bucket.url)[0].mkdir("footage")
        yield bucket
    s3fs.S3FileSystem.clear_instance_cache()
