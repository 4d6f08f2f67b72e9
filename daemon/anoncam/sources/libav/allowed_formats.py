"""Which kinds of files are read, and the limits for what is in them.

The kind is found by the content of a file; libav never learns its name. A demuxer is listed here
only if it reads nothing but the file itself. So playlists, lists of files, sequences of pictures,
descriptions of streams, subtitles, devices and scripts are missing, and so are kinds that cannot
be recognised by their content.
"""

VIDEO_FORMATS = (
    "apng",
    "asf",
    "av1",
    "avi",
    "dhav",
    "dirac",
    "dnxhd",
    "dv",
    "flv",
    "gif",
    "gxf",
    "h261",
    "h263",
    "h264",
    "hevc",
    "hxvs",
    "ivf",
    "jpegxl_anim",
    "m4v",
    "matroska",
    "mjpeg",
    "mov",
    "mpeg",
    "mpegts",
    "mpegvideo",
    "mpjpeg",
    "mxf",
    "nut",
    "obu",
    "ogg",
    "rm",
    "vc1",
    "vvc",
    "wtv",
    "yuv4mpegpipe",
)
"""libav's demuxers for videos."""

PICTURE_FORMATS = (
    "bmp_pipe",
    "dpx_pipe",
    "exr_pipe",
    "j2k_pipe",
    "jpeg_pipe",
    "jpegls_pipe",
    "jpegxl_pipe",
    "pam_pipe",
    "pbm_pipe",
    "pgm_pipe",
    "png_pipe",
    "ppm_pipe",
    "psd_pipe",
    "qoi_pipe",
    "sgi_pipe",
    "tiff_pipe",
    "webp_pipe",
)
"""libav's demuxers for pictures."""

STATE_DURATIONS = {"mov,mp4,m4a,3gp,3g2,mj2", "gif", "apng"}
"""Formats that state how long each frame is shown."""

_HEADS = (
    (b"#EXTM3U", "a playlist"),
    (b"[playlist]", "a playlist"),
    (b"[Reference]", "a playlist"),
    (b"<asx", "a playlist"),
    (b"<MPD", "a playlist"),
    (b"<SmoothStreamingMedia", "a playlist"),
    (b"<CompositionPlaylist", "a playlist"),
    (b"ffconcat version", "a list of other files"),
    (b"v=0", "a description of streams on a network"),
    (b"rtsp://", "an address on a network"),
    (b"http://", "an address on a network"),
    (b"https://", "an address on a network"),
    (b"# VobSub index file", "a list of subtitles"),
    (b"WEBVTT", "a list of subtitles"),
    (b"[Script Info]", "a list of subtitles"),
    (b"<SAMI", "a list of subtitles"),
)
"""How files begin that are not read, and what they are."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def describe_refused(head: bytes) -> str:
    """Say what a file that begins with `head` is, if it is of a known kind that is not read."""
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip().lower()
    if text.startswith(b"<?xml"):
        # The root element follows the declaration and comments.
        return next(
            (what for mark, what in _HEADS if mark.startswith(b"<") and mark.lower() in text), ""
        )
    return next((what for mark, what in _HEADS if text.startswith(mark.lower())), "")
