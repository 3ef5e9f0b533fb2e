#!/bin/sh
# Installs what the build and the tests need and the machine lacks: Debian
# packages through apt, sources through npm.  Quiet and quick when nothing is missing.
set -eu
cd "$(dirname "$0")/.."

packages="build-essential pkg-config libmicrohttpd-dev libsodium-dev libpq-dev libicu-dev
libzip-dev zlib1g-dev libexpat1-dev libxlsxwriter-dev libgnutls28-dev libcurl4-gnutls-dev libjansson-dev
postgresql chromium-headless-shell fonts-noto-cjk curl unzip procps git python3 clang libclang-rt-14-dev"

missing=""
for p in $packages; do
	dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
node_ok() { command -v node >/dev/null && command -v npm >/dev/null; }
node_ok || missing="$missing nodejs npm"

if [ -n "$missing" ]; then
	echo "setup: installing$missing"
	sudo=""
	[ "$(id -u)" = 0 ] || sudo="sudo"
	$sudo apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

stamp=tools/deps/node_modules/.stamp
if [ ! -f "$stamp" ] || [ tools/deps/package-lock.json -nt "$stamp" ]; then
	echo "setup: fetching pinned sources"
	(cd tools/deps && npm ci --ignore-scripts --no-audit --no-fund --silent)
	touch "$stamp"
fi
