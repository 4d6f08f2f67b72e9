"""The drop-in that ``anoncam model use`` writes: the user's own file stays as it is."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from anoncam.config.drop_ins import drop_in_folder
from anoncam.errors import StorageError
from anoncam.files.file_system_calls import sync_file, sync_folder

NAME = "model.yaml"


def choose_model(config: Path, model: str) -> Path:
    """Have the daemon with this configuration file use `model`; the drop-in that says so.

    Raises:
        StorageError: the folder of the configuration is missing or cannot be written.
    """
    folder = drop_in_folder(config)
    text = (
        f"# Written by: anoncam model use {model}. It wins over {config.name}.\n"
        "# To undo it: anoncam model use auto\n"
        f"detector:\n  model: {model}\n"
    )
    part = folder / f".{NAME}.new"
    with _storage_errors(folder):
        if not config.parent.is_dir():
            raise StorageError(f"{config.parent} is not a folder", "install anoncam as a service")
        if not folder.exists():
            folder.mkdir()
            folder.chmod(0o755)
        with part.open("w") as file:
            file.write(text)
            file.flush()
            sync_file(file.fileno(), part)
        # It holds no secret, and the daemon's user must read it.
        part.chmod(0o644)
        part.replace(folder / NAME)
        sync_folder(folder)
    return folder / NAME


def forget_model(config: Path) -> bool:
    """Remove the drop-in; whether there was one.

    Raises:
        StorageError: it cannot be removed.
    """
    folder = drop_in_folder(config)
    with _storage_errors(folder):
        if not (folder / NAME).exists():
            return False
        (folder / NAME).unlink()
        sync_folder(folder)
        with contextlib.suppress(OSError):
            # Other drop-ins may be there.
            folder.rmdir()
    return True


@contextlib.contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}", "use sudo") from error
