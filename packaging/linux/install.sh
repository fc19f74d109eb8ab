#!/bin/sh
# Puts Carrel into the menu of the person who runs this, or takes it out again:
#   ./install.sh
#   ./install.sh remove
# Your libraries and settings are not touched by either.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
bin=$HOME/.local/bin
id=org.carrel.Carrel

refresh() {
    command -v update-desktop-database >/dev/null && update-desktop-database -q "$share/applications" || :
    command -v update-mime-database >/dev/null && update-mime-database "$share/mime" || :
    # a cache that is there would hide the new icons
    [ -f "$share/icons/hicolor/icon-theme.cache" ] && gtk-update-icon-cache -q -t -f "$share/icons/hicolor" || :
}

case "${1:-}" in
remove)
    rm -f "$share/applications/$id.desktop" "$share/mime/packages/$id.xml" \
        "$share/metainfo/$id.metainfo.xml" "$share/man/man1/carrel.1"
    find "$share/icons/hicolor" \( -name "$id.*" -o -name 'application-x-carrel.*' \) -delete \
        2>/dev/null || :
    [ -L "$bin/carrel" ] && rm "$bin/carrel"
    refresh
    echo "Carrel is no longer in your menu. This folder can be deleted now."
    ;;
'')
    mkdir -p "$share" "$bin"
    cp -R "$here/share/." "$share/"
    # the menu's programs are looked for where the desktop looks, which may not be ~/.local/bin
    escaped=$(printf '%s' "$here/carrel" | sed 's/[\\"`$]/\\&/g; s/[&|\\]/\\&/g')
    sed "s|^Exec=carrel|Exec=\"$escaped\"|" "$here/share/applications/$id.desktop" \
        > "$share/applications/$id.desktop"
    ln -sfn "$here/carrel" "$bin/carrel"
    refresh
    echo "Carrel is in your menu now. Keep this folder where it is: $here"
    ;;
*)
    echo "usage: install.sh [remove]" >&2
    exit 2
    ;;
esac
