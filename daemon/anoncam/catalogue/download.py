"""Downloads a file of the catalogue; a broken download goes on where it ended."""

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from anoncam.errors import DownloadError
from anoncam.events.redaction import redact

LARGEST = 64 << 20
"""Bytes that a model may have."""

TIMEOUT = 30.0
"""Seconds without a byte after which a download counts as broken."""

ELSEWHERE = (
    "check the network and https_proxy, or download the files on another computer, from where"
    " anoncam model list says, and give them by --from"
)
"""What helps where there is no network."""

_CHUNK = 1 << 16

Report = Callable[[int, int | None], None]
"""Called with the bytes so far and the bytes of all, where the server states them."""


def download(address: str, part: Path, report: Report, timeout: float = TIMEOUT) -> bytes:
    """The content at `address`, by way of the file `part`, which stays if the download breaks off.

    Variables such as https_proxy and no_proxy are honoured. Nothing is verified here.

    Raises:
        DownloadError: there is no network, the server refuses, or it sends too much.
        OSError: the part cannot be written.
    """
    done = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "anoncam", "Accept-Encoding": "identity"}
    if done:
        headers["Range"] = f"bytes={done}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - of the catalogue
    try:
        # An opener of its own: that of urlopen keeps the proxies of its first call.
        reply = urllib.request.build_opener().open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        # The part is the whole file, or longer than it: its hash will tell.
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise DownloadError(
                f"{_described(address)}: {_host(address)} replies {error.code} {error.reason}",
                ELSEWHERE,
            ) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _unreachable(address, error) from error
    else:
        with reply:
            resumed = reply.status == http.HTTPStatus.PARTIAL_CONTENT
            _receive(reply, part, done if resumed else 0, report)
    return part.read_bytes()


def _receive(reply: http.client.HTTPResponse, part: Path, done: int, report: Report) -> None:
    length = reply.headers.get("Content-Length", "")
    total = done + int(length) if length.isdecimal() else None
    with part.open("ab") as file:
        file.truncate(done)
        while chunk := _read(reply):
            done += len(chunk)
            if done > LARGEST:
                file.truncate(0)
                raise DownloadError(f"{_described(reply.url)}: it has more than {LARGEST >> 20} MB")
            file.write(chunk)
            report(done, total)
    if total is not None and done < total:
        raise DownloadError(
            f"the download broke off after {done} of {total} bytes",
            "run the command again: it goes on there",
        )


def _read(reply: http.client.HTTPResponse) -> bytes:
    try:
        return reply.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(reply.url, error) from error


def _unreachable(address: str, error: BaseException) -> DownloadError:
    what = f"{_described(address)}: {_host(address)} cannot be reached: {_cause(error)}"
    return DownloadError(what, ELSEWHERE)


def _cause(error: BaseException) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({inner.verify_message})"
    if isinstance(inner, OSError):
        return inner.strerror or str(inner)
    # The text may quote the address of a proxy.
    return redact(str(inner)) or type(inner).__name__


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).hostname or address


def _described(address: str) -> str:
    return f"cannot download {address.rsplit('/', 1)[-1]}"
