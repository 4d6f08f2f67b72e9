"""Adds a sound to a file that is copied as it is, without reading what strangers have made of it.

PyAV can copy the format of a sound from an open file only, and that of the input must not be opened
here. So some silence of the same kind is encoded, and opened in its place.
"""

import io
import struct
from fractions import Fraction
from typing import cast, get_args

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import PacketSideData, PktSideDataT

from anoncam.sources.process.audio_messages import AudioFormat, AudioPacket

_MATROSKA_NAMES = {
    "aac": "A_AAC",
    "ac3": "A_AC3",
    "alac": "A_ALAC",
    "eac3": "A_EAC3",
    "flac": "A_FLAC",
    "mp2": "A_MPEG/L2",
    "mp3": "A_MPEG/L3",
    "opus": "A_OPUS",
    "vorbis": "A_VORBIS",
    "pcm_alaw": "A_MS/ACM",
    "pcm_mulaw": "A_MS/ACM",
    "pcm_f32le": "A_PCM/FLOAT/IEEE",
    "pcm_s16be": "A_PCM/INT/BIG",
    "pcm_s24be": "A_PCM/INT/BIG",
    "pcm_s16le": "A_PCM/INT/LIT",
    "pcm_s24le": "A_PCM/INT/LIT",
    "pcm_s32le": "A_PCM/INT/LIT",
    "pcm_u8": "A_PCM/INT/LIT",
}
"""How Matroska calls the kinds of sound (RFC 9559 and its registry of codecs)."""

_BITS = {
    "pcm_f32le": 32,
    "pcm_s16be": 16,
    "pcm_s24be": 24,
    "pcm_s16le": 16,
    "pcm_s24le": 24,
    "pcm_s32le": 32,
    "pcm_u8": 8,
}
_ACM_TAGS = {"pcm_alaw": 6, "pcm_mulaw": 7}
"""The numbers of Microsoft's WAVEFORMATEX."""

_ENCODERS = {
    **{codec: codec for codec in ("aac", "ac3", "alac", "eac3", "flac", "mp2")},
    **{"mp3": "libmp3lame", "opus": "libopus"},
}
"""What encodes the silence. Of the other kinds, libav knows all from the header."""

_OPUS_RATE = 48_000
_SAMPLES_OF_SILENCE = 1024
_ALAC_BOX = 12
"""Bytes before the header of ALAC that only MP4 has."""

_SKIPPED = get_args(PktSideDataT).index("skip_samples")


def add_audio_stream(container: OutputContainer, sound: AudioFormat) -> AudioStream:
    """Add a stream for packets of such a sound.

    Raises:
        ValueError: the container cannot hold it, or there is no such sound.
        av.FFmpegError: the same.
    """
    with _open_silence(sound) as silence:
        stream = container.add_stream_from_template(silence.streams.audio[0])
    context = stream.codec_context
    context.extradata = sound.header
    context.format = sound.samples
    context.layout = sound.layout
    context.bit_rate = sound.bit_rate
    stream.time_base = sound.time_base
    if context.channels != sound.channels:
        raise ValueError(f"{sound.layout} has not {sound.channels} channels")
    return stream


def audio_packet(
    packet: AudioPacket, stream: AudioStream, unit: Fraction
) -> "av.Packet[AudioStream]":
    """A packet as libav has it; its times are in `unit` seconds."""
    made = cast("av.Packet[AudioStream]", av.Packet(packet.data))
    made.time_base = unit
    made.pts = made.dts = packet.time
    made.duration = packet.duration
    made.is_keyframe = True
    made.stream = stream
    if packet.cut:
        skipped = PacketSideData(_SKIPPED, 10)  # type: ignore[call-arg]
        skipped.update(struct.pack("<IIBB", 0, packet.cut, 0, 0))
        made.set_sidedata(skipped)
    return made


def _open_silence(sound: AudioFormat) -> InputContainer:
    """Open a Matroska file that has such a sound, and says nothing."""
    header, packet = b"", b""
    if sound.codec in _ACM_TAGS:
        header = struct.pack(
            "<HHIIHHH",
            *(_ACM_TAGS[sound.codec], sound.channels, sound.rate, sound.rate * sound.channels),
            *(sound.channels, 8, 0),
        )
    elif sound.codec in _ENCODERS:
        header, packet = _encode_silence(sound)
    rate = _OPUS_RATE if sound.codec == "opus" else sound.rate
    described = _element("b5", struct.pack(">d", sound.rate)) + _number("9f", sound.channels)
    if sound.codec in _BITS:
        described += _number("6264", _BITS[sound.codec])
    track = (
        *(_number("d7", 1), _number("73c5", 1), _number("83", 2)),
        _element("86", _MATROSKA_NAMES[sound.codec].encode()),
        _element("63a2", header),
        _number("56aa", round(sound.padding * 10**9 / rate)),
        _element("e1", described),
    )
    cluster = _number("e7", 0) + (_element("a3", b"\x81\0\0\x80" + packet) if packet else b"")
    tracks = _element("1654ae6b", _element("ae", b"".join(track)))
    segment = tracks + _element("1f43b675", cluster)
    data = _element("1a45dfa3", _element("4282", b"matroska")) + _element("18538067", segment)
    return av.open(io.BytesIO(data), "r", format="matroska")


def _encode_silence(sound: AudioFormat) -> tuple[bytes, bytes]:
    """The header and the first packet of some silence."""
    encoder = av.CodecContext.create(_ENCODERS[sound.codec], "w")
    assert isinstance(encoder, AudioCodecContext)  # noqa: S101 - all names are those of sounds
    offered = [offer.name for offer in encoder.codec.audio_formats or ()]
    encoder.format = sound.samples if sound.samples in offered else offered[0]
    encoder.layout = "mono"
    encoder.sample_rate = sound.rate
    encoder.time_base = Fraction(1, sound.rate)
    if sound.samples.startswith("s32"):
        encoder.options = {"bits_per_raw_sample": "24"}
    encoder.open()
    block = av.AudioFrame(encoder.format.name, "mono", encoder.frame_size or _SAMPLES_OF_SILENCE)
    block.sample_rate, block.pts = sound.rate, 0
    for plane in block.planes:
        plane.update(bytes(plane.buffer_size))
    packets = [*encoder.encode(block), *encoder.encode(None)]
    header = encoder.extradata or b""
    return header[_ALAC_BOX if sound.codec == "alac" else 0 :], bytes(packets[0])


def _number(name: str, value: int) -> bytes:
    return _element(name, value.to_bytes(8))


def _element(name: str, content: bytes) -> bytes:
    """An element of EBML, with its name in hexadecimal digits and its size in eight bytes."""
    return bytes.fromhex(name) + (1 << 56 | len(content)).to_bytes(8) + content
