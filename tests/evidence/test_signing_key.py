import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.evidence.signing_key import SigningKey, is_acceptance, is_signature

HASH = "ab" * 32


def test_only_the_holder_of_a_key_makes_its_signatures() -> None:
    key, other = SigningKey.make(), SigningKey.make()
    signature = key.sign(HASH)
    assert is_signature(key.fingerprint, HASH, signature)
    assert not is_signature(other.fingerprint, HASH, signature)
    assert not is_signature(key.fingerprint, "cd" * 32, signature)


def test_a_signature_of_a_record_is_no_acceptance_and_the_other_way_round() -> None:
    key, before = SigningKey.make(), SigningKey.make().fingerprint
    accepted = key.accept(before, HASH, "")
    assert is_acceptance(before, key.fingerprint, HASH, "", accepted)
    assert not is_acceptance(before, key.fingerprint, HASH, "", key.sign(before))
    assert not is_signature(key.fingerprint, before, accepted)
    for changed in (
        (SigningKey.make().fingerprint, key.fingerprint, HASH, ""),
        (before, key.fingerprint, "cd" * 32, ""),
        (before, key.fingerprint, HASH, "stolen"),
    ):
        assert not is_acceptance(*changed, accepted)


@given(st.text(), st.text(), st.text())
def test_whatever_stands_in_place_of_a_signature_is_refused(
    fingerprint: str, record_hash: str, signature: str
) -> None:
    assert not is_signature(fingerprint, record_hash, signature)


def test_a_signature_has_one_spelling() -> None:
    key = SigningKey.make()
    fingerprint, signature = key.fingerprint, key.sign(HASH)
    for spelled in (signature.upper(), f"{signature[:2]} {signature[2:]}", f"{signature} "):
        assert spelled == signature or not is_signature(fingerprint, HASH, spelled)
    assert not is_signature(f"{fingerprint[:2]} {fingerprint[2:]}", HASH, signature)


def test_a_key_survives_its_file_and_is_shown_nowhere() -> None:
    key = SigningKey.make()
    text = key.pem()
    assert SigningKey.from_pem(text).fingerprint == key.fingerprint
    secret = text.splitlines()[1].decode()
    assert secret not in f"{key} {key!r}"


def test_a_key_of_openssl_can_be_used_and_one_of_another_kind_is_refused() -> None:
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, check=True
    )
    assert len(SigningKey.from_pem(made.stdout).fingerprint) == 64
    other = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "x25519"], capture_output=True, check=True
    )
    for text in (other.stdout, b"", b"no key", made.stdout[:-40]):
        with pytest.raises(ValueError, match="it is no"):
            SigningKey.from_pem(text)
