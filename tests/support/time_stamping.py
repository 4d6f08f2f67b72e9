"""A time-stamping service after RFC 3161, made of the program openssl."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_SETTINGS = """
[extensions]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = service
[service]
serial = {folder}/serial
signer_cert = {folder}/service.pem
certs = {folder}/authority.pem
signer_key = {folder}/service.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
"""


@dataclass(frozen=True)
class Service:
    """A service that runs; `authority` is the certificate to check its time stamps by."""

    url: str
    authority: Path


def _openssl(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, input=given, capture_output=True, check=True
    ).stdout


def make_authority(folder: Path) -> Path:
    """Make an authority and a service that it has certified; the certificate of the authority."""
    folder.mkdir()
    (folder / "settings").write_text(_SETTINGS.format(folder=folder))
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "ed25519", "-nodes")
    _openssl(
        folder, "req", "-x509", *key, "-keyout", "authority.key", "-out", "authority.pem",
        "-subj", "/CN=authority", "-days", "3650",
    )  # fmt: skip
    rsa = ("-newkey", "rsa:2048", "-nodes")
    _openssl(
        folder, "req", "-new", *rsa, "-keyout", "service.key", "-out", "service.csr",
        "-subj", "/CN=service",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", "service.csr", "-CA", "authority.pem",
        "-CAkey", "authority.key", "-CAcreateserial", "-out", "service.pem", "-days", "3650",
        "-extfile", "settings", "-extensions", "extensions",
    )  # fmt: skip
    return folder / "authority.pem"


@contextmanager
def time_stamping(folder: Path) -> Iterator[Service]:
    """A service on this machine, with an authority of its own in `folder`."""
    authority = make_authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query").write_bytes(query)
            reply = _openssl(
                folder, "ts", "-reply", "-config", "settings", "-section", "service",
                "-queryfile", "query",
            )  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}/tsr", authority)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
