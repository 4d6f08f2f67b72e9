#!/bin/bash
# Installs anoncam from this checkout as a service, into /opt/anoncam; `sudo ./install.sh --uninstall` takes it away again.
# On Debian 12 or 13 and Raspberry Pi OS of the same age; whoever can, takes the package instead (make deb).
set -euo pipefail
cd "$(dirname "$0")"

home=/opt/anoncam
unit=/etc/systemd/system/anoncam.service
rule=/etc/udev/rules.d/70-anoncam-coral.rules
users=/etc/sysusers.d/anoncam.conf
catalog=/usr/lib/systemd/catalog/anoncam.catalog

die() { echo "install.sh: $*" >&2; exit 1; }

reload() {
    journalctl --update-catalog
    systemctl daemon-reload
    # Without hardware events (in a container) there is no udev to tell.
    if [[ -S /run/udev/control ]]; then
        udevadm control --reload
        udevadm trigger --subsystem-match=usb --subsystem-match=apex
    fi
}

uninstall() {
    if [[ -e $unit ]]; then systemctl disable --now --quiet anoncam; fi
    rm -rf "$home" "$unit" "$rule" "$users" "$catalog" /usr/local/bin/anoncam
    reload
    echo 'anoncam is removed; /etc/anoncam, /var/lib/anoncam with the recordings, and the user anoncam are kept'
}

((EUID == 0)) || die 'needs root: sudo ./install.sh'
[[ -d /run/systemd/system ]] || die 'needs systemd'
if dpkg-query --show --showformat='${db:Status-Abbrev}' anoncam 2>/dev/null | grep -q '^ii'; then
    die 'the package anoncam is installed; remove it first: apt remove anoncam'
fi
case ${1-} in
    '') ;;
    --uninstall) uninstall; exit ;;
    *) die "knows only --uninstall, not $1" ;;
esac

missing=()
for package in python3-venv python3-numpy python3-yaml python3-click python3-tqdm python3-systemd; do
    dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "installing ${missing[*]}"
    apt-get install --yes --no-install-recommends "${missing[@]}"
fi

echo "installing into $home"
# Sees what the system has, such as the camera's library, and changes none of it.
python3 -m venv --clear --system-site-packages "$home"
# A copy, since setuptools leaves a build folder behind.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r setup.py pyproject.toml README.md LICENSE daemon models "$work"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check "$work"
ln -sf "$home/bin/anoncam" /usr/local/bin/anoncam

install -D -m 644 systemd/anoncam.sysusers "$users"
install -D -m 644 systemd/70-anoncam-coral.rules "$rule"
install -D -m 644 -t "$home/doc" README.md docs/operations.md docs/privacy.md
places="s|/usr/share/doc/anoncam|$home/doc|; s|^ExecStart=/usr/bin/anoncam|ExecStart=$home/bin/anoncam|"
sed "$places" systemd/anoncam.service >"$unit"
sed "$places" systemd/anoncam.catalog >"$catalog"
systemd-sysusers "$users"
if [[ ! -e /etc/anoncam/config.yaml ]]; then
    install -D -m 640 -g anoncam config.yaml /etc/anoncam/config.yaml
fi
reload
# Only if it runs: the installation never starts it.
systemctl try-restart anoncam
echo 'installed; to start it: systemctl enable --now anoncam'
