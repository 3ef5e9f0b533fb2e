#!/bin/sh
# The finished binary carries the protections it was built with.
set -eu
file=$1
fail() { echo "hardened: $file: $*"; exit 1; }

readelf -h "$file" | grep -q 'Type:.*DYN' || fail "is not position independent"
readelf -lW "$file" | grep -q GNU_RELRO || fail "has no RELRO"
readelf -dW "$file" | grep -q 'BIND_NOW\|NOW' || fail "does not bind at start"
readelf -lW "$file" | grep GNU_STACK | grep -q 'RWE' && fail "has an executable stack"
readelf -dW "$file" | grep -q 'RPATH\|RUNPATH' && fail "has a run path"
nm -D "$file" | grep -q __stack_chk_fail || fail "has no stack protector"
nm -D "$file" | grep -q '_chk' || fail "has no fortified functions"
for f in strcpy strcat sprintf gets system popen; do
	nm -D "$file" | grep -qw "U $f" && fail "imports $f"
done
echo "hardened: fine"
