#!/bin/sh
# The checks of Debian and of the desktops on what is in a package:
#   packaging/linux/check.sh dist/carrel_0.1.0-1_amd64.deb
set -eu

package=$1
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
dpkg-deb -x "$package" "$unpacked"
desktop-file-validate "$unpacked"/usr/share/applications/*.desktop
appstreamcli validate --no-net "$unpacked"/usr/share/metainfo/*.metainfo.xml
man --warnings -l "$unpacked"/usr/share/man/man1/carrel.1.gz > /dev/null
lintian --fail-on error --tag-display-limit 0 "$package"
