#!/usr/bin/env bash
# Makes .venv with FormCheck in it and adds the system libraries that its wheels need.
#   scripts/setup.sh        to use it
#   scripts/setup.sh dev    to work on it: also the test tools and, where possible, Chromium and PostgreSQL
# Each step is skipped when its result is already there; make calls this when pyproject.toml changed.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-run}
venv=.venv
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Runs a command as root, or fails when nobody may without being asked for a password.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

apt_install() {
  say "installing $* with apt-get"
  as_root apt-get -qq update >/dev/null || return 1
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "$@" </dev/null >/dev/null
}

# Installs the packages or stops with the one command that somebody with the right to has to run.
need_packages() {
  may_install && apt_install "$@" && return 0
  stop "FormCheck needs system packages that are missing here; please run: sudo apt-get install -y $*"
}

command -v "$python" >/dev/null || need_packages python3 python3-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop \
  "FormCheck needs Python 3.11 or newer, $python is $("$python" -V 2>&1); name another: make PYTHON=python3.12 …"

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    need_packages "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  say "making $venv"
  "$python" -m venv --clear "$venv"
fi

what=.
[ "$mode" = dev ] && what='.[dev]'
say "installing FormCheck into $venv (the first time takes a minute or two)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$what"

read -r -a missing <<<"$("$venv/bin/python" -m formcheck.doctor --missing-packages)"
[ "${#missing[@]}" = 0 ] || need_packages "${missing[@]}"

if [ "$mode" = dev ] && ! command -v chromium >/dev/null; then
  { may_install && apt_install chromium fonts-dejavu-core; } ||
    say "no Chromium here: the tests of the page in a browser will be skipped (apt-get install chromium)"
fi

if [ "$mode" = dev ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null; then
  { may_install && apt_install postgresql; } ||
    say "no PostgreSQL here: the tests of the history on it will be skipped (apt-get install postgresql)"
fi
