#!/bin/sh
# Signs Carrel.app, tests it, and puts it into dist/carrel-VERSION-macos-MACHINE.dmg. Not yet run.
#
#   packaging/macos/make_dmg.sh
#
# SIGNING_IDENTITY names a “Developer ID Application” certificate; without it the application is
# signed for this Mac alone. NOTARY_PROFILE names the keychain's profile for notarytool.
set -eu

cd "$(dirname -- "$0")/../.."
version=$(python3 -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
app=build/package/tree/Carrel.app
image=dist/carrel-$version-macos-$(uname -m).dmg
identity=${SIGNING_IDENTITY:--}
rights=packaging/macos/entitlements.plist

# from the inside out: each library, then the programs, then the whole
find "$app" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
    xargs -0 codesign --force --timestamp --options runtime --sign "$identity"
codesign --force --timestamp --options runtime --entitlements "$rights" --sign "$identity" \
    "$app/Contents/MacOS/carrel"
codesign --force --timestamp --options runtime --entitlements "$rights" --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
cp LICENSE "$stage/Licence.txt"
ln -s /Applications "$stage/Applications"
mkdir -p dist
hdiutil create -ov -fs HFS+ -format ULFO -volname "Carrel $version" -srcfolder "$stage" "$image"
if [ "$identity" != - ]; then
    codesign --timestamp --sign "$identity" "$image"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit --wait --keychain-profile "$NOTARY_PROFILE" "$image"
    xcrun stapler staple "$image"
fi

# as it was packed, and as the last step
mounted=$(hdiutil attach -nobrowse -readonly "$image" | awk -F'\t' '/Volumes/ {print $3}')
"$mounted/Carrel.app/Contents/MacOS/carrel" self-test || { hdiutil detach "$mounted"; exit 1; }
hdiutil detach "$mounted"
echo "$image"
