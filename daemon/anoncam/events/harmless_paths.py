"""Which parts of a camera's path can be shown: those made of the words that every maker uses.

A token in a path looks like nothing else, so no list of tokens can be complete. Therefore only what
is known is shown.
"""

import re

_WORDS = """
    1080p 2160p 4k 720p admin amp api audio auth av avc axis bcs bin cam camera cgi ch channel
    channels codec control credentials defaultprimary false feed h264 h265 h26x hd hevc high id
    inst isapi jpeg key level live low main media mjpeg mjpg mode monitor mp4 mpeg mpeg4 msid
    multicast name onvif pass passphrase passwd password path play port preset preview primary
    profile proto protocol proxy psia psw pw pwd quality real resolution rtp rtsp sd sdp
    secondary secret session sid sig signature snapshot stream streaming streams sub subtype
    subtypes tcp test third token tr track trackid true type udp unicast user username v video
    videoinput videomain videosub view vod
""".split()  # noqa: SIM905 - a list of this length reads better as a text

_PIECE = re.compile(
    f"{'|'.join(sorted(_WORDS, key=len, reverse=True))}|(?P<digit>[0-9])|[-_.]", re.IGNORECASE
)
_SHORTEST_SECRET = 3
_MOST_DIGITS = 3
_LONGEST = 40


def is_harmless(part: str) -> bool:
    """Whether a part of a path or query is too common or too short to be a secret.

    >>> is_harmless("h264Preview_01_main"), is_harmless("GkGzFWkPvrdx")
    (True, False)
    """
    if len(part) < _SHORTEST_SECRET:
        return part.isascii()
    digits = done = 0
    while done < len(part):
        piece = _PIECE.match(part, done)
        if piece is None or len(part) > _LONGEST:
            return False
        digits += piece["digit"] is not None
        done = piece.end()
    return digits <= _MOST_DIGITS
