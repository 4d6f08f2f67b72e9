"""Copies to real servers: SFTP and WebDAV by rclone serve, S3 by moto."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.config.folders import Folders
from anoncam.config.outlets import Outlets, publish
from anoncam.config.schema import Config, RetentionSettings, UploadSettings
from anoncam.errors import ConfigError, UploadError
from anoncam.events.event import Event
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.verification import State, verify
from anoncam.recording.retention import Retention
from anoncam.segments.uploaded import read_note
from anoncam.upload.rclone import Rclone
from anoncam.upload.uploader import Uploader
from tests.support.events import EventLog
from tests.support.evidence_folder import record
from tests.support.frames import FakeClock
from tests.support.programs import needs
from tests.support.remotes import Remote, kinds
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

TO = "there:cameras/garden"


@pytest.fixture(autouse=True)
def needs_rclone(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("rclone", "rclone")
    # A certificate that somebody's machine wants for all of S3 is not that of our server.
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    record(folder, 3)
    return folder


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    made = Remote("sftp", tmp_path / "remote")
    monkeypatch.setenv("RCLONE_CONFIG", str(made.config))
    return made


def uploader(recordings: Path, rclone: Rclone | None = None, to: str | None = TO) -> Uploader:
    settings = Outlets(recordings=str(recordings), upload=UploadSettings(to=to))
    return Uploader(settings, recordings.parent / "note", rclone)


def through(recordings: Path) -> int:
    return read_note(recordings.parent / "note", str(recordings), TO).through


def states(folder: Path) -> list[State]:
    result = verify(folder, play=True)
    assert result.problems == []
    return [verdict.state for verdict in result.verdicts]


def test_a_new_disk_in_place_of_the_old_one_is_copied_from_its_first_segment(
    recordings: Path, remote: Remote
) -> None:
    with remote.up():
        assert uploader(recordings).run() == 3
        shutil.rmtree(recordings)
        recordings.mkdir()
        record(recordings, 2)
    with pytest.raises(UploadError):
        uploader(recordings).run()
    assert through(recordings) == 0
    with remote.up():
        assert uploader(recordings).run() == 2
    assert through(recordings) == 2


@pytest.mark.parametrize("kind", kinds())
def test_the_copy_is_equal_and_verifies_at_any_server(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    remote = Remote(kind, tmp_path / kind)
    monkeypatch.setenv("RCLONE_CONFIG", str(remote.config))
    with remote.up():
        assert uploader(recordings).run() == 3
        assert through(recordings) == 3
        copy = remote.fetch(tmp_path / "copy")
        record(recordings, 1)
        assert uploader(recordings).run() == 1
        later = remote.fetch(tmp_path / "later")
    assert states(copy) == [State.KEPT] * 3
    assert states(later) == [State.KEPT] * 4
    for file in later.iterdir():
        assert file.read_bytes() == (recordings / file.name).read_bytes()


def test_what_fails_is_reported_once_and_goes_on_with_the_oldest(
    recordings: Path, tmp_path: Path, remote: Remote, event_log: EventLog
) -> None:
    with remote.up():
        pass
    for _ in range(2):
        with pytest.raises(UploadError, match="rclone ended with"):
            uploader(recordings).run()
    assert len(event_log.of(Event.UPLOAD_FAILED)) == 1
    record(recordings, 2)
    with remote.up():
        assert uploader(recordings).run() == 5
        copy = remote.fetch(tmp_path / "copy")
    assert len(event_log.of(Event.UPLOAD_BACK)) == 1
    assert states(copy) == [State.KEPT] * 5


def test_an_upload_that_was_killed_goes_on_and_leaves_no_half_file_under_its_name(
    recordings: Path, tmp_path: Path, remote: Remote
) -> None:
    calls = tmp_path / "calls"
    # Dies on the way of its second copy, as a power cut would have it: half of the file is there.
    dies = tmp_path / "rclone-that-dies"
    dies.write_text(
        "import os, shutil, sys, subprocess\n"
        f"calls = {str(calls)!r}\n"
        "if 'copyto' in sys.argv:\n"
        "    with open(calls, 'a') as file: file.write('x')\n"
        "    if os.path.getsize(calls) == 2:\n"
        "        source, target = sys.argv[-2:]\n"
        "        half = open(source, 'rb').read()[:1000]\n"
        "        subprocess.run(['rclone', 'rcat', target], input=half, check=True)\n"
        "        sys.exit(9)\n"
        "os.execvp('rclone', ['rclone', *sys.argv[1:]])\n"
    )
    with remote.up():
        with pytest.raises(UploadError, match="ended with 9"):
            uploader(recordings, Rclone(program=(sys.executable, str(dies)))).run()
        first, second, _ = sorted(recordings.glob("*.mp4"))
        names = remote.rclone("lsf", TO).split()
        assert names == [first.name, f"{second.name}.part"]
        assert through(recordings) == 0
        assert uploader(recordings).run() == 3
        copy = remote.fetch(tmp_path / "copy")
    assert states(copy) == [State.KEPT] * 3
    assert not list(copy.glob("*.part"))


def test_a_copy_that_differs_gets_no_name_and_is_made_again(
    recordings: Path, tmp_path: Path, remote: Remote
) -> None:
    spoils = tmp_path / "rclone-that-spoils"
    spoils.write_text(
        "import os, sys, subprocess\n"
        "if 'copyto' in sys.argv:\n"
        "    source, target = sys.argv[-2:]\n"
        "    content = bytearray(open(source, 'rb').read())\n"
        "    content[100] ^= 1\n"
        "    subprocess.run(['rclone', 'rcat', target], input=bytes(content), check=True)\n"
        "    sys.exit()\n"
        "os.execvp('rclone', ['rclone', *sys.argv[1:]])\n"
    )
    with remote.up():
        with pytest.raises(UploadError, match="differs from the file"):
            uploader(recordings, Rclone(program=(sys.executable, str(spoils)))).run()
        assert remote.rclone("lsf", TO).split() == []
        assert uploader(recordings).run() == 3


def test_what_retention_deletes_meanwhile_is_passed_over_and_the_copy_says_why(
    recordings: Path, tmp_path: Path, remote: Remote
) -> None:
    settings = RetentionSettings(max_size=1)  # type: ignore[arg-type]
    Retention(recordings, FakeClock(), free=lambda _: 10**12).apply(
        settings, LedgerWriter(recordings, FakeClock())
    )
    with remote.up():
        uploader(recordings).run()
        copy = remote.fetch(tmp_path / "copy")
    assert states(copy) == [State.DELETED, State.DELETED, State.KEPT]


def test_the_newest_segment_waits_for_its_evidence(
    recordings: Path, tmp_path: Path, remote: Remote
) -> None:
    newest = max(recordings.glob("*.json"))
    content = newest.read_bytes()
    newest.unlink()
    with remote.up():
        assert uploader(recordings).run() == 2
        newest.write_bytes(content)
        assert uploader(recordings).run() == 1


def test_without_a_remote_in_the_configuration_there_is_nothing_to_do(recordings: Path) -> None:
    with pytest.raises(ConfigError, match=r"upload\.to is null"):
        uploader(recordings, to=None)


def test_a_remote_that_rclone_does_not_know_is_an_error_with_a_remedy(
    recordings: Path, remote: Remote
) -> None:
    with remote.up(), pytest.raises(UploadError, match=r"other.*the remote in rclone\.conf"):
        uploader(recordings, to="other:garden").run()


def test_a_wrong_password_is_shown_in_no_message(recordings: Path, remote: Remote) -> None:
    with remote.up():
        remote.config.write_text(remote.config.read_text().replace("user = camera", "user = you"))
        with pytest.raises(UploadError) as caught:
            uploader(recordings).run()
    assert "garden-gate" not in str(caught.value)


def test_the_command_uploads_for_the_daemon_of_a_state_folder(
    recordings: Path, tmp_path: Path, remote: Remote
) -> None:
    config = {"upload": {"to": TO}, "recording": {"folder": str(recordings)}}
    state = tmp_path / "state"
    publish(Config.model_validate(config), Folders(state, state))
    with remote.up():
        ended = anoncam("upload", "--state-folder", state)
        assert (ended.returncode, ended.stdout) == (0, "3 segments uploaded\n")
    assert "segments-uploaded: 3 segments uploaded, up to 000000003" in ended.stderr
    assert (tmp_path / "state-upload" / "uploaded.json").exists()
    ended = anoncam("upload", "--state-folder", tmp_path)
    assert ended.returncode == 3
    assert "no daemon has run here yet" in ended.stderr


def test_the_bandwidth_is_rclones_limit() -> None:
    seen = Rclone(8000, program=(sys.executable, "-c", "import sys; print(sys.argv[1:])")).run("x")
    assert "'--bwlimit=1000000B'" in seen


def test_rclone_that_is_missing_is_an_error_with_a_remedy(recordings: Path) -> None:
    with pytest.raises(UploadError, match="apt install rclone"):
        uploader(recordings, Rclone(program=("rclone-that-is-missing",))).run()


def test_the_process_opens_no_door_to_raw_pixels() -> None:
    code = "import sys, anoncam.cli.upload; print('av' in sys.modules, 'numpy' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, check=True, capture_output=True, text=True
    )
    assert ended.stdout == "False False\n"
