import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anoncam.events.redaction import redact

# A blank ends a URL, so neither a password nor a query value has one; an "&" ends a query value.
PASSWORDS = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=20)
WORDS = st.text(string.ascii_lowercase + " .,:/?'\"(=&", max_size=20)


def marked(password: str) -> str:
    """A password that cannot also stand elsewhere in the text."""
    return f"Zq{password}Zq"


@given(
    before=WORDS,
    scheme=st.sampled_from(["rtsp", "RTSPS", "http", "file", "x+y"]),
    password=PASSWORDS,
    after=WORDS,
)
@example(before="", scheme="rtsp", password="p@ss/w?rd#'\"", after="")  # noqa: S106
def test_no_password_in_a_url_survives(before: str, scheme: str, password: str, after: str) -> None:
    redacted = redact(f"{before}{scheme}://user:{marked(password)}@camera/1{after}")
    assert marked(password) not in redacted
    assert "Zq" not in redacted
    assert "camera/" in redacted or "@" in after


@given(
    before=st.sampled_from(["?", "?user=admin&", "?a=1;", "/user=admin_", "/user=admin&"]),
    name=st.sampled_from(
        ["password", "Passwd", "pass", "pwd", "psw", "secret", "token", "auth_token"]
    ),
    password=PASSWORDS.filter(lambda text: "&" not in text),
    after=st.sampled_from(["", "&user=admin", " cannot be opened", "'", '",', ")."]),
)
def test_no_password_in_a_query_survives(before: str, name: str, password: str, after: str) -> None:
    redacted = redact(f"rtsp://camera{before}{name}={marked(password)}{after}")
    assert "Zq" not in redacted
    assert redacted.endswith(f"***{after}")


@given(st.one_of(st.text(max_size=100), st.text("a:/@?&=pwd \\*'\"", max_size=40)))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rtsp://camera:554/stream?channel=1",
        "s3://footage/2026/GX010203.MP4 does not exist",
        "sftp://host:2022/srv/archive/garden.mp4 cannot be reached",
        "rtsp://10.0.0.7:554/Streaming/Channels/101",
        "rtsp://[fe80::1%eth0]/h264Preview_01_main",
        "rtsp://camera/cam/realmonitor?channel=1&subtype=0",
        "rtsp://camera/axis-media/media.amp",
        "cannot open rtsp://camera/live.sdp: Connection refused",
        "file:///srv/footage/holiday.mp4",
        "write to somebody@example.org",
        "source /dev/video0 gives 1280x720 at 30 fps",
        "detector.rate: is 400, must be a number from 0 to 240 (frames per second)",
    ],
)
def test_a_text_without_a_password_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("rtsp://user:p@h/x", "rtsp://user:***@h/x"),
        ("rtsp://token@h/x", "rtsp://***@h/x"),
        ("rtsp://:p@h/x", "rtsp://:***@h/x"),
        ("rtsp:/user:p@h/x", "rtsp:/user:***@h/x"),
        (r'{"url": "rtsp:\/\/user:p@h\/x"}', r'{"url": "rtsp:\/\/user:***@h\/x"}'),
        ("rtsp://u:p@h, rtsp://v:q@i", "rtsp://u:***@h, rtsp://v:***@i"),
        ("http://h/x?user=a&password=b&c=1", "http://h/x?user=a&password=***&c=1"),
        ("http://h/x?api_key=b&c=1", "http://h/x?api_key=***&c=1"),
        ("rtsps://h:7441/GkGzFWkPvrdx?audio", "rtsps://h:7441/***?audio"),
        ("RTSP://h/live/9f86d081/main", "RTSP://h/live/***/main"),
        ("rtsp://[fe80::1%eth0]:554/9f86d081", "rtsp://[fe80::1%eth0]:554/***"),
        ("rtsp://h/user=admin_password=a_channel=1", "rtsp://h/user=admin_password=***"),
        ("rtsp://h/live#9f86d081", "rtsp://h/live#***"),
        ("rtsp://h/1234", "rtsp://h/***"),
        ("rtsp://h:secret", "rtsp://h***"),
        ("rtsp://u%3Ahush%40h/live", "rtsp://u***/live"),
        ("cannot open 'rtsp://h/9f86d081': refused", "cannot open 'rtsp://h/***': refused"),
        ("Authorization: Digest response=6629fae4", "Authorization: ***"),
    ],
)
def test_only_the_secret_part_is_masked(text: str, redacted: str) -> None:
    assert redact(text) == redacted
