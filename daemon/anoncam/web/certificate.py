"""A certificate of one's own for the web page, made by openssl."""

import socket
import subprocess
import tempfile
from pathlib import Path

from anoncam.errors import InputError
from anoncam.web.passwords import write_secret

CERTIFICATE = "certificate.pem"
KEY = "key.pem"

_DAYS = 825
"""The longest validity that Apple's systems accept in a certificate of one's own."""


def make_certificate(folder: Path, names: tuple[str, ...]) -> str:
    """Make key and certificate for host `names` or addresses; its SHA-256 fingerprint.

    Raises:
        InputError: openssl is missing or refuses.
        StorageError: the files cannot be written.
    """
    with tempfile.TemporaryDirectory() as made:
        key, certificate = Path(made) / KEY, Path(made) / CERTIFICATE
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
            *("-days", str(_DAYS), "-subj", f"/CN={names[0]}", "-keyout", key, "-out", certificate),
            *("-addext", "subjectAltName=" + ",".join(map(_alternative_name, names))),
            *("-addext", "extendedKeyUsage=serverAuth"),
        )
        shown = _openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256")
        write_secret(folder / KEY, key.read_bytes())
        write_secret(folder / CERTIFICATE, certificate.read_bytes())
    return shown.partition("=")[2].strip()


def own_names() -> tuple[str, ...]:
    """The names by which this machine is usually called in its network."""
    name = socket.gethostname()
    return tuple(dict.fromkeys((name, f"{name.partition('.')[0]}.local", "localhost")))


def _alternative_name(name: str) -> str:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except OSError:
            continue
        return f"IP:{name}"
    if not name or not all(letter.isalnum() or letter in "-." for letter in name):
        raise InputError(f"{name!r} is no name of a host", "name it as in the address of the page")
    return f"DNS:{name}"


def _openssl(*arguments: str | Path) -> str:
    command = ["openssl", *map(str, arguments)]
    try:
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise InputError("openssl is not installed", "apt install openssl") from error
    except subprocess.CalledProcessError as error:
        raise InputError(f"openssl refuses: {error.stderr.strip().splitlines()[-1]}") from error
    return ended.stdout
