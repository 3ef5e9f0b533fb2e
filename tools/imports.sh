#!/bin/sh
# Choke points, read off the object files: who may call the database, the
# cryptographic library, HTTP, the allocator, and what nobody may call.
#   tools/imports.sh OBJECT_DIR
set -eu
dir=$1
bad=""

# Lines "OBJECT:   U SYMBOL" of all objects.
calls=$(find "$dir/src" "$dir/modules" -name '*.o' -exec nm -uA {} +)

only() {        # only 'symbols' 'objects that may'
	hits=$(echo "$calls" | awk -v symbols="^($1)\$" -v may="$2" '
		{ object = $1; sub(/:$/, "", object) }
		$NF ~ symbols && object !~ may { print object " calls " $NF }')
	[ -z "$hits" ] || bad="$bad
$hits"
}

only 'sqlite3_.*|PQ.*' 'src/db/'
only 'crypto_.*|randombytes_.*|sodium_.*' 'src/base/secret'
only 'MHD_.*' 'src/http/'
only 'curl_.*' 'src/base/send'
only 'malloc|calloc|realloc' 'src/base/arena|src/sheet/|src/http/'
only 'strcpy|strcat|sprintf|vsprintf|strtok|gets|localtime|gmtime|ctime|asctime|system|popen|rand|srand' '^$'
only 'time|gettimeofday|clock_gettime' 'src/base/date|src/http/|src/engine/(job|lane)|src/db/'
only 'socket|connect|bind|listen|accept4?|getaddrinfo' 'src/http/|src/db/'
if [ -n "$bad" ]; then
	echo "imports: these objects call what only others may:$bad"
	exit 1
fi
echo "imports: fine"
