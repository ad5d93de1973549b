#!/bin/sh
# Make `.venv` hold what requirements.txt pins, and this project: `make setup`.
#
# What was made last stands in a stamp: in which folder (programs in an environment name their
# Python by its whole path, so none can be moved) and from which files. A stamp is the last thing
# that is written and the first that goes. Where it is missing something was cut off, and what a
# half installed environment lacks nobody can tell, so it is made anew.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.11}
stamp=.venv/made-from.txt
help="On Debian 12, as root: apt-get install --yes python3.11-venv. For another Python of 3.11 or
newer: make PYTHON=<program> …"

fail() {
  echo "make setup: $*" >&2
  exit 1
}

place() { (cd .venv && pwd -P); }

made_from() { place && cat requirements.txt pyproject.toml checks/own_programs.pth; }

install() { .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install "$@"; }

# uv takes a third of pip's time. It does not know what pip is configured for, a mirror or a
# certificate; so where it does not get through, pip does all of it and says what is wrong.
install_pinned() {
  awk '/^[^ ]/ { of_uv = /^uv==/ } of_uv' requirements.txt |
    install --require-hashes --requirement /dev/stdin &&
    UV_HTTP_RETRIES=1 .venv/bin/uv pip install --quiet --python .venv/bin/python \
      --compile-bytecode --require-hashes --requirement requirements.txt 2> /dev/null ||
    install --require-hashes --requirement requirements.txt
}

if [ -f $stamp ] && made_from | cmp -s - $stamp && .venv/bin/python -c pass; then
  exit
fi

if ! [ -f $stamp ] || [ "$(head -n 1 $stamp)" != "$(place)" ] || ! .venv/bin/python -c pass; then
  command -v "$python" > /dev/null || fail "there is no program $python. $help"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$python is older than Python 3.11. $help"
  [ -e .venv ] && echo "make setup: .venv is not whole, or made elsewhere; it is made anew." >&2
  "$python" -m venv --clear .venv || fail "$python cannot make .venv, see above. $help"
fi
rm -f $stamp
install_pinned &&
  install --no-deps --no-build-isolation --editable . ||
  fail "pip could not install what requirements.txt pins, see above. It takes the network and 3.5" \
    "GB of disk; what was fetched is kept for the next try."
cp checks/own_programs.pth .venv/lib/python3.*/site-packages/
made_from > $stamp.partial
mv $stamp.partial $stamp
