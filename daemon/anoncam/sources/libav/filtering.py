"""Sends decoded pictures through one of libav's filters."""

from collections.abc import Generator
from contextlib import closing

import av
from av.filter import Graph


def filtered(
    frames: Generator[av.VideoFrame], name: str, settings: str = ""
) -> Generator[av.VideoFrame]:
    """Yield each of `frames` after the filter `name`; times and side data stay."""
    shape: tuple[int, int, str] | None = None
    graph = Graph()
    with closing(frames):
        for frame in frames:
            if shape != (frame.width, frame.height, frame.format.name):
                shape = (frame.width, frame.height, frame.format.name)
                graph = _make_graph(frame, name, settings)
            graph.vpush(frame)
            yield graph.vpull()


def _make_graph(frame: av.VideoFrame, name: str, settings: str) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    changed = graph.add(name, settings)
    sink = graph.add("buffersink")
    source.link_to(changed)
    changed.link_to(sink)
    graph.configure()
    return graph
