#!/bin/sh
# Who may include whom (ARCHITECTURE.md), read off the #include lines.
set -eu
cd "$(dirname "$0")/.."
bad=0

allow() {       # allow FOLDER 'regular expression of allowed includes'
	for f in $(git ls-files "$1" | grep '\.[ch]$'); do
		grep -n '^#include "' "$f" | grep -Ev "\"($2)" | sed "s|^|$f:|" && bad=1 || true
	done
}

found=$( {
	allow src/base/ 'base/'
	allow src/db/ 'base/|db/'
	allow src/sheet/ 'base/|sheet/'
	allow src/http/ 'base/|http/'
	allow src/engine/ 'base/|db/|sheet/|engine/|modules/modules\.h'
	allow src/api/ 'base/|engine/|http/|sheet/|api/'
	# The demo is no method: it drives the whole engine, as a command would.
	allow modules/demo/ 'base/|engine/(module|engine|calendar)\.h|modules/demo/'
	for m in modules/*/; do
		[ "$m" = modules/demo/ ] && continue
		name=$(basename "$m")
		allow "$m" "base/|engine/module\.h|engine/calendar\.h|modules/$name/"
	done
} )
if [ -n "$found" ]; then
	echo "layers: these lines include what their layer may not:"
	echo "$found"
	exit 1
fi
echo "layers: fine"
