"""Peak memory over a short and a long clip: it should not grow with the length."""

from collections.abc import Iterator
from pathlib import Path

import av

from tools.bench.commands import INSTALLED, anonymize_command
from tools.bench.figures import Bench, Figure
from tools.common.processes import CommandError, measure


def passes(bench: Bench) -> Iterator[Figure]:
    """Measure the peak memory over the clip, and over the clip ten times in a row."""
    long = bench.folder / f"ten-times{bench.clip.suffix}"
    repeat(bench.clip, long, 10)
    for name, clip in (("1 pass", bench.clip), ("10 passes", long)):
        try:
            usage = measure(anonymize_command(clip, bench.folder), INSTALLED)
        except CommandError as error:
            yield Figure(f"anoncam anonymize, {name}: peak memory", None, "MB", str(error))
        else:
            yield Figure(f"anoncam anonymize, {name}: peak memory", usage.peak / 1e6, "MB")


def repeat(clip: Path, output: Path, times: int) -> None:
    """Write `clip` to `output`, `times` times in a row as one video, without encoding it again."""
    with av.open(output, "w") as written:
        stream, offset = None, 0
        for _ in range(times):
            with av.open(clip) as container:
                source = container.streams.video[0]
                stream = stream or written.add_stream_from_template(source)
                end = 0
                for packet in container.demux(source):
                    if packet.dts is None or packet.pts is None:
                        continue
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.pts, packet.dts, packet.stream = (
                        packet.pts + offset,
                        packet.dts + offset,
                        stream,
                    )
                    written.mux(packet)
                offset += end
