#!/bin/sh
# Each fuzz target for SECONDS (default 60) with its corpus, all at once.
# A crash leaves its input in build/fuzz/.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
out=build/fuzz
mkdir -p "$out"
failed=0
n=0

{ make --no-print-directory build && make --no-print-directory -j2 MODE=fuzz CC=clang fuzzers; } >"$out/build.log" 2>&1 ||
	{ tail -50 "$out/build.log"; exit 1; }

names=$(ls tests/fuzz/*_fuzz.c | sed 's|.*/||; s|_fuzz\.c||')
export out seconds
rm -f "$out"/*.fine
echo "$names" | xargs -P 6 -I{} sh -c '
	name=$1
	mkdir -p "$out/$name"
	corpus=tests/fuzz/corpus/$name
	[ -d "$corpus" ] || corpus=""
	build/fuzz/tests/fuzz/${name}_fuzz -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
		-max_len=65536 -artifact_prefix="$out/$name-" -print_final_stats=1 "$out/$name" $corpus >"$out/$name.log" 2>&1 &&
		touch "$out/$name.fine"' run {} || true
for name in $names; do
	n=$((n + 1))
	if rm "$out/$name.fine" 2>/dev/null; then
		echo "$name: $(grep -Eo 'number_of_executed_units: *[0-9]+' "$out/$name.log" | grep -Eo '[0-9]+') runs"
	else
		failed=$((failed + 1))
		tail -30 "$out/$name.log"
	fi
done
echo "fuzz: $((n - failed)) passed, $failed failed"
[ "$failed" = 0 ]
