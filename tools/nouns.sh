#!/bin/sh
# The engine knows no business: names of the modules' objects do not occur in
# src/ and web/src/, and real tables (t_…) are named in scope.c and ddl.c only.
set -eu
cd "$(dirname "$0")/.."
names=$(sed -n 's/^[[:space:]]*"object"[[:space:]]*:[[:space:]]*"\([a-z_]*\)".*/\1/p' modules/*/objects/*.json | sort -u)
bad=""

for n in $names; do
	# Words of ordinary English that are also objects.
	case $n in source|stage|product|task|lead|contact|activity) continue ;; esac
	hits=$(git grep -nw "$n" -- 'src/*.c' 'src/**/*.c' | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)|/\*.*'"$n" | grep "\"$n\"" || true)
	[ -z "$hits" ] || bad="$bad
$hits"
done
objects=$(sed -n 's/^[[:space:]]*"object"[[:space:]]*:[[:space:]]*"\([a-z_]*\)".*/\1/p' modules/*/objects/*.json src/engine/objects/*.json | sort -u | paste -sd'|')
hits=$(git grep -nE "\bt_($objects)\b" -- 'src/*.c' 'src/**/*.c' 'modules/**/*.c' | grep -vE '^src/engine/(scope|ddl|store)[a-z_]*\.c:' || true)
[ -z "$hits" ] || bad="$bad
$hits"
if [ -n "$bad" ]; then
	echo "nouns: these lines name what their layer does not know:$bad"
	exit 1
fi
echo "nouns: fine"
