# Sourced by the scripts that build a release: what is built twice from one commit is the same twice.
# shellcheck shell=bash
: "${SOURCE_DATE_EPOCH:=$(git -c safe.directory="$PWD" log -1 --format=%ct 2>/dev/null || stat --format=%Y CHANGELOG.md)}"
: "${ANONCAM_COMMIT:=$(git -c safe.directory="$PWD" describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)}"
export SOURCE_DATE_EPOCH ANONCAM_COMMIT
export LC_ALL=C.UTF-8 TZ=UTC PYTHONHASHSEED=0
umask 022
