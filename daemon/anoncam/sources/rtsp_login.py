"""Answers the challenge of a network camera with name and password."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from urllib.request import parse_http_list, parse_keqv_list


def authorization(challenge: str, method: str, target: str, user: str, password: str) -> str:
    """The value of the header that answers a challenge of the kind Basic or Digest."""
    scheme, _, parameters = challenge.partition(" ")
    if scheme.lower() == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return _digest(parameters, method, target, user, password)


def best(challenges: Iterable[str]) -> str:
    """The challenge to answer; empty if none is of a kind that is known.

    >>> best(['Basic realm="camera"', 'Digest realm="camera", nonce="1"'])
    'Digest realm="camera", nonce="1"'
    """
    known = {"basic": "", "digest": ""}
    for challenge in challenges:
        scheme, _, parameters = challenge.partition(" ")
        algorithm = _parameters(parameters).get("algorithm", "MD5")
        if scheme.lower() in known and algorithm.upper() == "MD5":
            known[scheme.lower()] = challenge
    return known["digest"] or known["basic"]


def is_stale(challenges: Iterable[str]) -> bool:
    """Whether only the nonce of the answer was too old."""
    return any(re.search(r"\bstale=\"?true", each, re.IGNORECASE) for each in challenges)


def _digest(challenge: str, method: str, target: str, user: str, password: str) -> str:
    # RFC 7616
    given = _parameters(challenge)
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    first, second = _md5(f"{user}:{realm}:{password}"), _md5(f"{method}:{target}")
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": target}
    counted = ""
    middle = nonce
    if "qop" in given:
        own = secrets.token_hex(8)
        middle = f"{nonce}:00000001:{own}:auth"
        counted = f', qop=auth, nc=00000001, cnonce="{own}"'
    fields["response"] = _md5(f"{first}:{middle}:{second}")
    if "opaque" in given:
        fields["opaque"] = given["opaque"]
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + counted


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _parameters(challenge: str) -> dict[str, str]:
    pairs = [pair for pair in parse_http_list(challenge) if pair.partition("=")[2]]
    return {name.lower(): value for name, value in parse_keqv_list(pairs).items()}
