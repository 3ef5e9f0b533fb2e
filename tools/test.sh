#!/bin/sh
# The whole suite, on both databases; --fast leaves out what takes minutes.
# Each part prints a line "NAME: N passed, N failed[, N skipped]"; the last line adds them up.
set -eu
cd "$(dirname "$0")/.."
fast=${1:-}
work=$(mktemp -d /tmp/loudou-test-XXXXXX)
chmod 755 "$work"
passed=0
failed=0
skipped=0
started=$(date +%s)

finish() {
	tools/pg.sh stop "$work/pg" >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# part NAME COMMAND…: runs it, shows what it says when it fails, counts its closing line.
part() {
	name=$1
	shift
	began=$(date +%s)
	if "$@" >"$work/out" 2>&1; then ok=1; else ok=0; fi
	line=$(grep -Eo '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$work/out" | tail -1 || true)
	if [ -z "$line" ]; then
		line="$ok passed, $((1 - ok)) failed"
	fi
	p=$(echo "$line" | cut -d' ' -f1)
	f=$(echo "$line" | cut -d' ' -f3)
	s=$(echo "$line, 0 skipped" | sed 's/^[0-9]* passed, [0-9]* failed, //; s/ skipped.*//')
	[ "$ok" = 1 ] || [ "$f" != 0 ] || f=1
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	grep -E '^ *skipped' "$work/out" | sort | uniq -c || true
	if [ "$f" != 0 ] || [ "$ok" = 0 ]; then
		tail -n 200 "$work/out"
		echo "FAILED $name"
	fi
	echo "$name: $p passed, $f failed, $s skipped ($(($(date +%s) - began)) s)"
}

build() {
	make --no-print-directory -j2 MODE="$1" "build/$1/loudou" "build/$1/unit"
}

# The unit tests; those that need PostgreSQL get a fresh database.
unit() {
	TEST_PG_URL=$(tools/pg.sh fresh "$work/pg") "build/$1/unit"
}

part "build" make --no-print-directory -j2 build build/release/unit
part "layers" tools/layers.sh
part "nouns" tools/nouns.sh
part "texts" python3 tools/texts.py
part "choke points" tools/imports.sh build/release
part "binary" tools/hardened.sh build/loudou
part "web" sh -c 'cd web && PATH=$(../tools/web.sh --path) && npm run --silent check && npm run --silent test'
part "start PostgreSQL" tools/pg.sh start "$work/pg"
part "unit" unit release
part "api on SQLite" python3 tests/api/run.py
[ "$fast" = --fast ] || {
	part "api on PostgreSQL" python3 tests/api/run.py --db postgresql
	for t in tests/import/run.py tests/truth/run.py tests/model/run.py tests/kill/run.py tests/limits/run.py; do
		[ -f "$t" ] || continue
		part "$(basename "$(dirname "$t")") on SQLite" python3 "$t"
		part "$(basename "$(dirname "$t")") on PostgreSQL" python3 "$t" --db postgresql
	done
	part "model finds planted leaks" python3 tests/model/run.py --selftest
	part "browser" sh -c 'cd web && PATH=$(../tools/web.sh --path) && npm run --silent e2e'
	part "build with address sanitizer" build asan
	part "unit, addresses" unit asan
	part "api, addresses" python3 tests/api/run.py --binary build/asan/loudou
	part "build with thread sanitizer" build tsan
	part "api, threads" setarch -R python3 tests/api/run.py --binary build/tsan/loudou
	part "fuzz" tools/fuzz.sh 60
}
echo "$(($(date +%s) - started)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
