#!/bin/sh
# Install what the tests start and pip does not have, where it is missing: servers, a browser.
set -eu
# Debian keeps servers there, where a user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

packages=
while read -r program package; do
  command -v "$program" > /dev/null || packages="$packages $package"
done << LIST
sshd openssh-server
nginx nginx-light
chromium chromium
LIST
[ "$packages" ] || exit 0

update="apt-get --quiet=2 update"
install="apt-get --quiet=2 --yes --no-install-recommends install$packages"
if [ "$(id -u)" = 0 ]; then
  as_root=
elif sudo -n true 2> /dev/null; then
  as_root="sudo -n"
else
  echo "make test: the tests need programs that are missing. Run as root, once:" \
    "$update && $install" >&2
  exit 1
fi
echo "make test: installing$packages, which the tests need"
$as_root $update
$as_root env DEBIAN_FRONTEND=noninteractive $install > /dev/null
