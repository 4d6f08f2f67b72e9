"""Makes files whose content refers to another file, or to a port of the local host."""

import struct
from collections.abc import Callable
from pathlib import Path

from tests.support.clips import make_clip

_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"dinf")


def playlist(bait: Path, port: int) -> bytes:
    """HLS, which names the bait and an address."""
    return f"""#EXTM3U
#EXT-X-TARGETDURATION:1
#EXTINF:1,
{bait}
#EXTINF:1,
http://127.0.0.1:{port}/x.ts
#EXT-X-ENDLIST
""".encode()


def playlist_with_key(bait: Path, port: int) -> bytes:
    """HLS whose segment needs a key from the network."""
    return f"""#EXTM3U
#EXT-X-TARGETDURATION:1
#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:{port}/key"
#EXTINF:1,
{bait}
#EXT-X-ENDLIST
""".encode()


def master_playlist(bait: Path, port: int) -> bytes:
    """HLS that names other playlists."""
    return f"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=1
http://127.0.0.1:{port}/x.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2
{bait}
""".encode()


def list_of_files(bait: Path, port: int) -> bytes:
    """A list for ffmpeg's concat demuxer."""
    return f"ffconcat version 1.0\nfile '{bait}'\n".encode()


def list_of_addresses(bait: Path, port: int) -> bytes:
    """The same with an address."""
    return f"ffconcat version 1.0\nfile 'tcp://127.0.0.1:{port}'\n".encode()


def dash(bait: Path, port: int) -> bytes:
    """A DASH manifest."""
    return f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">
<BaseURL>http://127.0.0.1:{port}/</BaseURL><SegmentList><SegmentURL media="{bait}"/></SegmentList>
</Representation></AdaptationSet></Period></MPD>""".encode()


def session_description(bait: Path, port: int) -> bytes:
    """SDP: libav would wait for packets, and send some."""
    return f"""v=0
o=- 0 0 IN IP4 127.0.0.1
s=x
c=IN IP4 127.0.0.1
t=0 0
m=video {port} RTP/AVP 96
a=rtpmap:96 H264/90000
""".replace("\n", "\r\n").encode()


def shortcut(bait: Path, port: int) -> bytes:
    """A Windows Media shortcut."""
    return (
        f'<asx version="3.0"><entry><ref href="http://127.0.0.1:{port}/"/></entry></asx>'.encode()
    )


def address(bait: Path, port: int) -> bytes:
    """An address alone, as in a RealMedia shortcut."""
    return f"rtsp://127.0.0.1:{port}/x\n".encode()


def subtitle_index(bait: Path, port: int) -> bytes:
    """A VobSub index, whose subtitles are in a file of the same name that ends in .sub."""
    return b"# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\n" + (
        b"timestamp: 00:00:01:000, filepos: 000000000\n"
    )


def script(bait: Path, port: int) -> bytes:
    """A filter graph that reads a file."""
    return f"movie={bait}\n".encode()


def quicktime(bait: Path, port: int) -> bytes:
    """A MOV whose pictures are in another file: its data reference is an alias to the bait."""
    whole = make_clip(bait.with_name("plain.mov")).read_bytes()
    return _rebuild(whole, _alias(bait))


REFERRING: dict[str, Callable[[Path, int], bytes]] = {
    maker.__name__: maker
    for maker in (
        playlist,
        playlist_with_key,
        master_playlist,
        list_of_files,
        list_of_addresses,
        dash,
        session_description,
        shortcut,
        address,
        subtitle_index,
        script,
        quicktime,
    )
}
"""By name; each takes the bait and the port, and returns the content of a file."""


def _rebuild(boxes: bytes, reference: bytes) -> bytes:
    """Replace all data references in `boxes` (ISO/IEC 14496-12, 8.7.2)."""
    built, place = b"", 0
    while place + 8 <= len(boxes):
        (size,), kind = struct.unpack_from(">I", boxes, place), boxes[place + 4 : place + 8]
        content = boxes[place + 8 : place + size]
        if kind == b"dref":
            content = struct.pack(">II", 0, 1) + reference
        elif kind in _PARENTS:
            content = _rebuild(content, reference)
        built += struct.pack(">I", len(content) + 8) + kind + content
        place += size
    return built


def _alias(target: Path) -> bytes:
    """An alias record of the Macintosh to a file in the same folder, as libav reads it."""
    path = str(target).encode()
    record = bytes(10) + bytes(28) + bytes(12)
    record += bytes([len(target.name)]) + target.name.encode().ljust(63, b"\0") + bytes(16)
    record += struct.pack(">HH", 1, 1) + bytes(16)
    record += struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2)
    record += struct.pack(">HH", 0xFFFF, 0)
    return struct.pack(">I", len(record) + 12) + b"alis" + bytes(4) + record
