#!/bin/sh
# Install what the tests need and pip does not have, where it is missing: servers to start, a
# browser, a library of Playwright's, a program that shows what others write and send. With
# --may-install only whether that can be done is found out.
set -eu
# Debian keeps servers there, where a user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

is_there() {
  case $1 in
    lib*) ldconfig -p | grep -q "$1" ;;
    *) command -v "$1" > /dev/null ;;
  esac
}

packages=
services=
while read -r needed package service; do
  is_there "$needed" || { packages="$packages $package" && services="$services $service"; }
done << LIST
chromium chromium
libatomic.so.1 libatomic1
nginx nginx-light nginx
sshd openssh-server ssh
strace strace
LIST
[ "$packages" ] || exit 0

update="apt-get --quiet=2 update"
install="apt-get --quiet=2 --yes --no-install-recommends install$packages"
as_root=$([ "$(id -u)" = 0 ] || echo "sudo -n")
if ! $as_root apt-get --version > /dev/null 2>&1; then
  echo "make test: the tests need what is missing here. Run once, as root: $update && $install" >&2
  exit 1
fi
[ "${1-}" != --may-install ] || exit 0
echo "make test: installing$packages for the tests; their services stay off"
$as_root $update
$as_root env DEBIAN_FRONTEND=noninteractive $install > /dev/null
# The tests start servers of their own; the system's shall not open ports on this machine.
for service in $services; do
  $as_root service "$service" stop > /dev/null || true
  $as_root update-rc.d "$service" disable
done
