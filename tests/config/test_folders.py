from pathlib import Path

from anoncam.config import folders
from anoncam.config.schema import RecordingSettings


def test_a_service_keeps_its_state_in_the_folder_of_systemd() -> None:
    environment = {
        "STATE_DIRECTORY": "/var/lib/anoncam:/var/lib/other",
        "HOME": "/root",
        "XDG_STATE_HOME": "/x",
    }
    assert folders.state_folder(environment) == Path("/var/lib/anoncam")


def test_without_systemd_the_state_is_in_the_users_own_folder() -> None:
    assert folders.state_folder({"HOME": "/home/eileen"}) == Path(
        "/home/eileen/.local/state/anoncam"
    )
    assert folders.state_folder({"HOME": "/home/eileen", "XDG_STATE_HOME": "/data"}) == Path(
        "/data/anoncam"
    )


def test_recordings_are_below_the_state_unless_a_folder_is_configured() -> None:
    assert folders.recordings_folder(RecordingSettings(), Path("/state")) == Path(
        "/state/recordings"
    )
    configured = RecordingSettings(folder=Path("/media/disk"))
    assert folders.recordings_folder(configured, Path("/state")) == Path("/media/disk")
