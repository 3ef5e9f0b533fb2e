#!/bin/sh
# Starts Loudou with a demo company in ./data (made on the first run) and says
# where it is and how to sign in.  DATA and LISTEN choose another place.
set -eu
cd "$(dirname "$0")/.."
data=${DATA:-data}
listen=${LISTEN:-127.0.0.1:8080}

if [ ! -f "$data/loudou.db" ]; then
	echo "making a demo company …"
	password=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
	./build/loudou demo --data "$data" --password "$password"
	umask 077
	printf '%s\n' "$password" > "$data/demo-password"
fi
echo
echo "  address   http://$listen"
if [ -f "$data/demo-password" ]; then
	echo "  sign-in   admin"
	echo "  password  $(cat "$data/demo-password")"
	echo "  (other members of the demo company have the same password: see 成员)"
fi
echo
exec ./build/loudou serve --data "$data" --listen "$listen"
