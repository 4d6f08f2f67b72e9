"""Answers to the challenges of cameras."""

import secrets

import pytest

from anoncam.sources.rtsp_login import authorization, best, is_stale

CHALLENGE = 'realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
# The words of the examples in RFC 2069 and RFC 2617.
ASKED = ("GET", "/dir/index.html", "Mufasa")


def test_basic_answers_with_name_and_password() -> None:
    answer = authorization('Basic realm="x"', "DESCRIBE", "rtsp://h/", "Aladdin", "open sesame")
    assert answer == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_digest_answers_as_in_rfc_2069() -> None:
    answer = authorization(f"Digest {CHALLENGE}", *ASKED, "CircleOfLife")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in answer
    assert "CircleOfLife" not in answer


def test_digest_with_a_count_answers_as_in_rfc_2617(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "0a4f113b")
    challenge = f'Digest {CHALLENGE}, qop="auth,auth-int", opaque="5ccc", algorithm=MD5'
    answer = authorization(challenge, *ASKED, "Circle Of Life")
    assert 'response="6629fae49393a05397450978507c4ef1"' in answer
    assert 'opaque="5ccc"' in answer


@pytest.mark.parametrize(
    ("challenges", "chosen"),
    [
        (['Basic realm="a"', 'Digest realm="a", nonce="b"'], 'Digest realm="a", nonce="b"'),
        (['Digest realm="a", nonce="b", algorithm=SHA-256', 'Basic realm="a"'], 'Basic realm="a"'),
        (['Digest realm="a", nonce="b", algorithm=SHA-256'], ""),
        (["Negotiate", 'digest realm="a", nonce='], 'digest realm="a", nonce='),
        (["Basic"], "Basic"),
        ([], ""),
    ],
)
def test_the_strongest_known_challenge_is_chosen(challenges: list[str], chosen: str) -> None:
    assert best(challenges) == chosen


def test_a_nonce_that_was_too_old_is_no_refusal() -> None:
    assert is_stale(['Digest realm="a", nonce="b", stale=TRUE'])
    assert not is_stale(['Digest realm="a", nonce="b", stale="false"'])
