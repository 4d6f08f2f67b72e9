#!/bin/bash
# Installs anoncam from this checkout as a service, into /opt/anoncam. --uninstall removes it again.
# It works on Debian 12 and 13 and on Raspberry Pi OS of the same age. The package (make deb) is the
# better choice where it can be built.
set -euo pipefail
# As root, no program and no Python module comes from where the caller's environment points.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# The service and the group must be able to read what is installed.
umask 022
cd "$(dirname "$0")"

home=/opt/anoncam
units=(systemd/anoncam*.{socket,timer,service})
installed=("${units[@]/#systemd//etc/systemd/system}")
rule=/etc/udev/rules.d/70-anoncam-coral.rules
users=/etc/sysusers.d/anoncam.conf
catalog=/usr/lib/systemd/catalog/anoncam.catalog

die() { echo "install.sh: $*" >&2; exit 1; }

reload() {
    journalctl --update-catalog
    systemctl daemon-reload
    # A container has no hardware events and no udev.
    if [[ -S /run/udev/control ]]; then
        udevadm control --reload
        udevadm trigger --subsystem-match=usb --subsystem-match=apex
    fi
}

uninstall() {
    for file in "${installed[@]}"; do
        if [[ -e $file ]]; then systemctl disable --now --quiet "${file##*/}"; fi
    done
    rm -rf "$home" "${installed[@]}" "$rule" "$users" "$catalog" /usr/local/bin/anoncam
    reload
    echo 'anoncam is removed'
    echo '/etc/anoncam, /var/lib/anoncam with the recordings, and the user anoncam are kept'
}

((EUID == 0)) || die 'needs root: sudo ./install.sh'
[[ -d /run/systemd/system ]] || die 'needs systemd'
if dpkg-query --show --showformat='${db:Status-Abbrev}' anoncam 2>/dev/null | grep -q '^ii'; then
    die 'the package anoncam is installed, remove it first: apt remove anoncam'
fi
case ${1-} in
    '') ;;
    --uninstall) uninstall; exit ;;
    *) die "does not know $1, only --uninstall" ;;
esac

suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
wheels=systemd/debian/wheels-$suite.txt
[[ -f $wheels ]] || die "works on bookworm and trixie, and this is ${suite:-not Debian}"

missing=()
needed=(python3-venv python3-numpy python3-yaml python3-click python3-tqdm python3-systemd)
needed+=(python3-cryptography python3-aiohttp python3-prometheus-client openssl)
if [[ $suite != bookworm ]]; then needed+=(python3-pydantic); fi
for package in "${needed[@]}"; do
    dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
        missing+=("$package")
done
if ((${#missing[@]})); then
    echo "installing ${missing[*]}"
    apt-get install --yes --no-install-recommends "${missing[@]}"
fi

echo "installing into $home"
# The environment uses the system's packages, such as the camera's library. It changes none of them.
python3 -m venv --clear --system-site-packages "$home"
pip=("$home/bin/python" -I -m pip --quiet --disable-pip-version-check)
# Each package has to have its hash: what was tried is what is installed. These are the ones that the
# suite lacks, as in the Debian package.
"${pip[@]}" install --no-deps --only-binary=:all: --require-hashes --requirement "$wheels"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
release/wheel "$home/bin/python" "$work"
"${pip[@]}" install --no-deps --no-index "$work"/anoncam-*.whl
# Nothing of the caller's environment decides which modules it loads.
cat >"$home/bin/anoncam" <<SCRIPT
#!$home/bin/python -I
from anoncam.cli.main import main

main()
SCRIPT
chmod 755 "$home/bin/anoncam"
ln -sf "$home/bin/anoncam" /usr/local/bin/anoncam

install -D -m 644 systemd/anoncam.sysusers "$users"
install -D -m 644 systemd/70-anoncam-coral.rules "$rule"
install -D -m 644 -t "$home/doc" README.md docs/operations.md docs/coral.md docs/privacy.md \
    docs/fleet.md docs/home-assistant.md docs/metrics.md docs/rtsp.md docs/upload.md docs/web.md
places="s|/usr/share/doc/anoncam|$home/doc|"
places+="; s|^ExecStart=/usr/bin/anoncam|ExecStart=$home/bin/anoncam|; s|^ExecPaths=/usr|& $home|"
for file in "${installed[@]}"; do sed "$places" "systemd/${file##*/}" >"$file"; done
sed "$places" systemd/anoncam.catalog >"$catalog"
systemd-sysusers "$users"
if [[ ! -e /etc/anoncam/config.yaml ]]; then
    install -D -m 640 -g anoncam config.yaml /etc/anoncam/config.yaml
fi
reload
# The installation never starts the service, it only restarts one that runs.
systemctl try-restart anoncam anoncam-{detector,metrics,mqtt,rtsp,web}
echo 'anoncam is installed; to start it: systemctl enable --now anoncam'
