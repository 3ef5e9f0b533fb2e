#!/bin/sh
# Side-by-side ratios; see tests/bench/run.py and docs/bench.md.
set -eu
cd "$(dirname "$0")/.."
command -v wrk >/dev/null && command -v sqlite3 >/dev/null || {
	sudo=""
	[ "$(id -u)" = 0 ] || sudo=sudo
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends wrk sqlite3 >/dev/null
}
make --no-print-directory -j2 build/release/tests/bench/bench
exec python3 tests/bench/run.py "$@"
