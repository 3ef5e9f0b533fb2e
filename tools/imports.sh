#!/bin/sh
# Choke points, read off the object files: who may call the database, the
# cryptographic library, HTTP, the allocator, and what nobody may call.
#   tools/imports.sh OBJECT_DIR
set -eu
dir=$1
bad=""

only() {        # only 'symbols' 'objects that may'
	for o in $(find "$dir/src" "$dir/modules" -name '*.o'); do
		case $o in *main.o) ;; esac
		echo "$o" | grep -Eq "$2" && continue
		hits=$(nm -u "$o" 2>/dev/null | awk '{print $2}' | grep -E "^($1)$" | tr '\n' ' ' || true)
		[ -z "$hits" ] || bad="$bad
$o calls $hits"
	done
}

only 'sqlite3_.*|PQ.*' 'src/db/'
only 'crypto_.*|randombytes_.*|sodium_.*' 'src/base/secret'
only 'MHD_.*' 'src/http/'
only 'malloc|calloc|realloc' 'src/base/arena|src/sheet/|src/http/'
only 'strcpy|strcat|sprintf|vsprintf|strtok|gets|localtime|gmtime|ctime|asctime|system|popen|rand|srand' '^$'
only 'time|gettimeofday|clock_gettime' 'src/base/date|src/http/|src/engine/(job|lane)|src/db/'
only 'socket|connect|bind|listen|accept4?|getaddrinfo' 'src/http/|src/db/'
if [ -n "$bad" ]; then
	echo "imports: these objects call what only others may:$bad"
	exit 1
fi
echo "imports: fine"
