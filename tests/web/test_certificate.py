import shutil
import ssl
import stat
from pathlib import Path

import pytest

from anoncam.errors import InputError
from anoncam.web.certificate import CERTIFICATE, KEY, make_certificate, own_names

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]


def test_a_certificate_serves_for_the_names_and_addresses_it_was_made_for(tmp_path: Path) -> None:
    fingerprint = make_certificate(tmp_path, ("garden.local", "192.168.0.7", "fe80::1"))
    assert len(fingerprint.split(":")) == 32
    context = ssl.create_default_context(cafile=str(tmp_path / CERTIFICATE))
    (known,) = context.get_ca_certs()
    assert ("DNS", "garden.local") in known["subjectAltName"]
    assert ("IP Address", "192.168.0.7") in known["subjectAltName"]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["", "a b", "x,DNS:bank.example", "/CN=x", "a\nb"])
def test_what_is_no_name_of_a_host_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        make_certificate(tmp_path, (name,))
    assert not (tmp_path / KEY).exists()


def test_a_machine_knows_its_names() -> None:
    assert "localhost" in own_names()


def test_a_machine_without_openssl_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt install openssl"):
        make_certificate(tmp_path, ("garden.local",))
