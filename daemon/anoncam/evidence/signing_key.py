"""Ed25519 keys that sign the records of the chain (RFC 8032)."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_RECORD = b"anoncam evidence record\n"
_SUCCESSION = b"anoncam evidence key succession\n"

FINGERPRINT_DIGITS = 64

_FINGERPRINT = re.compile(f"[0-9a-f]{{{FINGERPRINT_DIGITS}}}")
_SIGNATURE = re.compile("[0-9a-f]{128}")


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A private key. Its fingerprint is the public key itself, as 64 hexadecimal digits."""

    _private: Ed25519PrivateKey

    @classmethod
    def make(cls) -> Self:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, text: bytes) -> Self:
        """The key in PEM (PKCS #8), as ``openssl genpkey -algorithm ed25519`` makes it too.

        Raises:
            ValueError: it is not an Ed25519 key.
        """
        try:
            private = serialization.load_pem_private_key(text, None)
        except (ValueError, TypeError) as error:
            # The text of the error may quote the key.
            raise ValueError("it is no key in PEM") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("it is no Ed25519 key")  # noqa: TRY004 - a value of the wrong kind
        return cls(private)

    def pem(self) -> bytes:
        """The key in PEM (PKCS #8)."""
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def fingerprint(self) -> str:
        """The public key, as 64 hexadecimal digits."""
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        return self._private.public_key().public_bytes(*raw).hex()

    def sign(self, record_hash: str) -> str:
        """The signature of a record with this hash, as 128 hexadecimal digits."""
        return self._private.sign(_RECORD + record_hash.encode()).hex()

    def accept(self, before: str, previous: str, revoked: str) -> str:
        """The signed statement that this key follows the one with the fingerprint `before`.

        It holds for one place: after the record whose hash is `previous`. Otherwise a thief of the
        key before could use it for a chain of his own.
        """
        return self._private.sign(_succession(before, self.fingerprint, previous, revoked)).hex()


def is_signature(fingerprint: str, record_hash: str, signature: str) -> bool:
    """Whether the holder of a key has signed the record with this hash."""
    return _is_valid(fingerprint, _RECORD + record_hash.encode(), signature)


def is_acceptance(
    before: str, fingerprint: str, previous: str, revoked: str, signature: str
) -> bool:
    """Whether the holder of a key has signed that it follows the key `before`; see `accept`."""
    return _is_valid(fingerprint, _succession(before, fingerprint, previous, revoked), signature)


def _succession(before: str, fingerprint: str, previous: str, revoked: str) -> bytes:
    return _SUCCESSION + json.dumps([before, fingerprint, previous, revoked]).encode()


def _is_valid(fingerprint: str, message: bytes, signature: str) -> bool:
    # bytes.fromhex passes over blanks, and one signature must not have many spellings.
    if not (_FINGERPRINT.fullmatch(fingerprint) and _SIGNATURE.fullmatch(signature)):
        return False
    try:
        _public(fingerprint).verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


@lru_cache(maxsize=64)
def _public(fingerprint: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(fingerprint))
