#!/bin/sh
# Makes .venv from a lock file with hashes; does nothing when that was done before.
#   scripts/environment.sh run       what the application needs
#   scripts/environment.sh develop   that and the tools of `make test` and `make check`
#   scripts/environment.sh find      only says whether there is a Python that can make one
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  run) lock=requirements.lock ;;
  develop) lock=requirements-dev.lock ;;
  find) lock= ;;
  *) echo "usage: $0 run|develop|find" >&2; exit 2 ;;
esac

python=.venv/bin/python
stamp() { cksum < "$1"; }
# requirements-dev.lock holds everything of requirements.lock in the same versions.
done_before() {
  [ -x "$python" ] || return 1
  [ "$(cat .venv/develop.stamp 2>/dev/null)" = "$(stamp requirements-dev.lock)" ] && return 0
  [ "$lock" = requirements.lock ] && [ "$(cat .venv/run.stamp 2>/dev/null)" = "$(stamp requirements.lock)" ]
}
find_python() {
  without_pip=
  for name in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
    command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    if "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
      found=$name
      return 0
    fi
    without_pip=$name
  done
  if [ -n "$without_pip" ]; then
    echo "$without_pip cannot make virtual environments: its module venv or ensurepip is missing." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv (as root), then the same command again." >&2
  else
    echo "No Python 3.11 or newer was found (looked for python3.13, python3.12, python3.11, python3)." >&2
    echo "Debian and Ubuntu: apt-get install python3 python3-venv (as root). macOS: brew install python@3.13." >&2
    echo "Then the same command again, or PYTHON=/path/to/python3 in front of it." >&2
  fi
  return 1
}

if [ -z "$lock" ]; then
  find_python && echo "$found"
  exit
fi
done_before && exit 0

if [ -e .venv ] && ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "The .venv here has no Python with pip that works; making it anew."
  rm -rf .venv
fi
if [ ! -x "$python" ]; then
  find_python || exit 1
  echo "Making the virtual environment .venv with $("$found" --version 2>&1) ..."
  "$found" -m venv .venv || { rm -rf .venv; exit 1; }
fi

echo "Installing the packages of $lock (about a minute, once) ..."
"$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" || {
  echo "The packages could not be installed; pip's message above says why. The same command goes on from here." >&2
  exit 1
}
case "$lock" in
  requirements.lock) stamp "$lock" > .venv/run.stamp; rm -f .venv/develop.stamp ;;
  *) stamp "$lock" > .venv/develop.stamp ;;
esac
