"""Root file systems of Debian, made once and kept: what a Pi has installed, without its camera."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

_NEEDED = (
    *(
        "libstdc++6",
        "libseccomp2",
        "zlib1g",
        "python3",
        "python3-numpy",
        "python3-yaml",
        "python3-click",
        "python3-tqdm",
        "python3-cryptography",
        "openssl",
    ),
    *("python3-systemd", "systemd", "init-system-helpers"),
    *("python3-aiohttp", "python3-prometheus-client", "openssl"),
)
"""What the package depends on."""

_BOOTABLE = (
    *_NEEDED,
    "systemd-sysv",
    "dbus",
    "procps",
    "curl",
    "systemd-journal-remote",
    "python3-venv",
    "python3-apt",
)
"""And what boots, installs from a checkout or by Ansible, and carries log lines to another
computer."""

_OF_SUITE = {
    "bookworm": (),
    "trixie": (
        "python3-pydantic",
        # For picamera2, which only the Pi's own archive carries.
        *("python3-libcamera", "libcamera-tools", "libcamera-ipa"),
        *("python3-pil", "python3-prctl", "python3-jsonschema"),
        *("python3-pip", "python3-dev", "gcc", "libc6-dev", "libcap-dev"),
    ),
}

_PICAMERA2 = (
    *("picamera2==0.3.38", "simplejpeg==1.9.0", "PiDNG==4.0.9"),
    *("videodev2==0.0.4", "libarchive-c==5.3", "piexif==1.1.3"),
)
"""The library of the Pi's camera and what it imports, for the suite that has a virtual camera."""

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def cache() -> Path:
    """Where root file systems are kept: ANONCAM_ROOTS, or the user's cache folder."""
    given = os.environ.get("ANONCAM_ROOTS")
    return (
        Path(given)
        if given
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "anoncam-roots"
    )


def bootable(suite: str) -> Path:
    """The root file system of a suite, which systemd boots in a container."""
    extra = _PICAMERA2 if suite == "trixie" else ()
    options = ["--variant=minbase", f"--include={','.join((*_BOOTABLE, *_OF_SUITE[suite]))}"]
    return _made(suite, suite, options, extra, lambda root: _pip_install(root, extra))


def foreign(suite: str) -> Path:
    """The files of a suite for arm64, which nothing has configured: enough to run Python by
    qemu."""
    packages = (*_NEEDED, *_OF_SUITE[suite][:1], "base-files", "bash", "coreutils", "libgomp1")
    options = ["--variant=extract", "--arch=arm64", f"--include={','.join(packages)}"]
    return _made(f"{suite}-arm64", suite, options, (), _link_algebra)


def _made(
    name: str,
    suite: str,
    options: Iterable[str],
    extra: Iterable[str],
    finish: Callable[[Path], None],
) -> Path:
    recipe = repr((suite, *options, *extra))
    root = cache() / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"
    if root.exists():
        return root
    for old in cache().glob(f"{name}-????????"):
        shutil.rmtree(old)
    part = root.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mmdebstrap", "--quiet", "--mode=root", *options, suite, str(part)], check=True)
    finish(part)
    return part.rename(root)


def _pip_install(root: Path, packages: Iterable[str]) -> None:
    """Install into the system's Python, as apt does on a Pi."""
    packages = list(packages)
    if not packages:
        return
    trusted = f"{root}/etc/ssl/pip.crt"
    Path(trusted).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_CERTIFICATES, trusted)
    command = [
        "pip",
        "install",
        "--quiet",
        "--break-system-packages",
        "--no-deps",
        "--root-user-action=ignore",
    ]
    nspawn = [
        "systemd-nspawn",
        "-q",
        "-D",
        str(root),
        "--register=no",
        "--keep-unit",
        "--console=pipe",
    ]
    settings = [
        "--setenv=PIP_CERT=/etc/ssl/pip.crt",
        *(f"--setenv={name}" for name in _pip_settings()),
    ]
    subprocess.run([*nspawn, *settings, *command, *packages], check=True, stdin=subprocess.DEVNULL)


def _pip_settings() -> list[str]:
    wanted = {
        "PIP_INDEX_URL",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    }
    return [name for name in os.environ if name in wanted]


def _link_algebra(root: Path) -> None:
    """Do what the packages of numpy's algebra would do when they are configured."""
    libraries = root / "usr/lib/aarch64-linux-gnu"
    for folder in ("blas", "lapack"):
        for library in (libraries / folder).glob("*.so.3"):
            (libraries / library.name).symlink_to(f"{folder}/{library.name}")
