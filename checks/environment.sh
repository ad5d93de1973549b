#!/bin/sh
# Make `.venv` hold what requirements.txt pins, and this project: `make setup`.
#
# What was made last stands in the stamp: in which folder (programs in an environment name their
# Python by its whole path, so that none can be moved) and from which files. A stamp is the last
# thing that is written and the first that goes; an environment without one was cut off in the
# making, and what a half installed one lacks nobody can tell, so it is made anew.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.11}
stamp=.venv/made-from.txt
help="On Debian 12, as root: apt-get install --yes python3.11-venv. Another one is taken with
make PYTHON=<program>."

fail() {
  echo "make setup: $*" >&2
  exit 1
}

place() { (cd .venv && pwd -P); }

made_from() { place && cat requirements.txt pyproject.toml; }

install() { .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install "$@"; }

if [ -f $stamp ] && made_from | cmp -s - $stamp; then
  exit
fi

if ! [ -f $stamp ] || [ "$(head -n 1 $stamp)" != "$(place)" ] || ! .venv/bin/python -c pass; then
  command -v "$python" > /dev/null || fail "there is no program $python. $help"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$python is older than Python 3.11. $help"
  if [ -e .venv ]; then
    echo "make setup: .venv is not whole, or was made elsewhere; it is made anew." >&2
  fi
  "$python" -m venv --clear .venv || fail "$python cannot make .venv, see above. $help"
fi
rm -f $stamp
install --require-hashes --requirement requirements.txt && install --no-deps \
  --no-build-isolation --editable . || fail "pip could not install what requirements.txt pins, see" \
  "above. It needs the network and 3.5 GB of disk; what it has fetched is kept for the next try."
made_from > $stamp.partial
mv $stamp.partial $stamp
