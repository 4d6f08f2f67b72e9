"""The connection of a daemon to the detector that several cameras share."""

import socket
from pathlib import Path

from anoncam.detectors import model_file
from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.process.messages import Ready
from anoncam.errors import DetectorError, ModelError

_CONNECT_TIMEOUT = 2.0


class ServiceConnection:
    """A `channel` to the detector service whose socket is at `path`.

    Raises:
        DetectorError: it cannot be reached.
    """

    def __init__(self, path: Path) -> None:
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(_CONNECT_TIMEOUT)
        try:
            self.channel.connect(str(path))
        except OSError as error:
            self.channel.close()
            raise DetectorError(
                f"the detector service at {path} cannot be reached: {error.strerror or error}",
                "sudo systemctl enable --now anoncam-detector.socket",
            ) from error

    def exit_reason(self) -> str:
        """Describe how the connection ended."""
        return "the detector service has closed the connection"

    def close(self) -> None:
        """End the connection; idempotent."""
        self.channel.close()


def check_model(ready: Ready, model: ModelFile) -> None:
    """Compare the model of the service with the one that the configuration asks for.

    Raises:
        ModelError: they are neither the same, nor is one of them compiled from the other.
    """
    twins = model, model_file.coral_twin(model), model_file.cpu_twin(model)
    if ready.sha256 not in {twin.sha256 for twin in twins if twin is not None}:
        raise ModelError(
            f"the detector service runs another model than detector.model, {model.name}:"
            f" {ready.model}",
            "have the same detector.model in all configurations",
        )
