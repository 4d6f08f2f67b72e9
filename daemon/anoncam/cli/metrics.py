"""``anoncam metrics``: the daemon's metrics for Prometheus."""

import signal
from pathlib import Path

import click

from anoncam.cli.web import feed_folder
from anoncam.clock import Stop

EXAMPLE = """\b
Examples:
  anoncam metrics                        # what anoncam-metrics.service does
  curl http://localhost:9745/metrics
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--runtime-folder",
    type=click.Path(path_type=Path),
    help="The folder with the daemon's feed; those beside it, FOLDER@NAME, are further cameras.",
)
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=9745, show_default=True)
def metrics(runtime_folder: Path | None, address: str, port: int) -> None:
    """Serve metrics of all cameras for Prometheus, at /metrics, until Ctrl-C."""
    from anoncam.metrics.server import serve  # noqa: PLC0415 - other commands do not need it

    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.request())
    serve(runtime_folder or feed_folder(), address, port, stop)
