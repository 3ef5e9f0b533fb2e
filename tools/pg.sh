#!/bin/sh
# A throw-away PostgreSQL for tests, reachable through a socket in DIR only.
#
#   tools/pg.sh start DIR     starts it unless it runs, prints the URL of an empty database
#   tools/pg.sh fresh DIR     prints the URL of another empty database
#   tools/pg.sh copy DIR URL  prints the URL of a copy of that database, which nobody may use meanwhile
#   tools/pg.sh stop DIR      stops it and removes all it made in DIR
#
# It keeps its promises (fsync on, checksums), its databases belong to a role
# without special rights, and its default collation is not "C": what the product
# leaves to the default shows in the tests.
set -eu

fail() { echo "pg.sh: $*" >&2; exit 1; }

usage="usage: pg.sh start|fresh|stop DIR, pg.sh copy DIR URL"
command=${1:-}
[ $# = 2 ] || { [ $# = 3 ] && [ "$command" = copy ]; } || fail "$usage"
[ "$command" = start ] && mkdir -p "$2"
[ -d "$2" ] || { [ "$command" = stop ] && exit 0; fail "no such directory: $2"; }
dir=$(cd "$2" && pwd)
[ "${#dir}" -le 85 ] || fail "the path is too long for a socket: $dir"
case $dir in
*[!A-Za-z0-9/._-]*) fail "the path does not fit into a URL: $dir" ;;
esac

bin=""
for b in /usr/lib/postgresql/*/bin; do
	[ -x "$b/initdb" ] && bin=$b
done
[ -n "$bin" ] || fail "PostgreSQL is not installed"

# The server refuses to run as root.
user=loudou-test
as() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && exec setpriv --reuid "$user" --regid "$user" --clear-groups \
			env HOME="$dir" "$@")
	else
		(cd / && exec "$@")
	fi
}

sql() { as "$bin/psql" -X -q -h "$dir" -U postgres -d postgres -v ON_ERROR_STOP=1 -c "$1" >/dev/null; }

# A killed server may stay as a zombie where process 1 does not collect it.
running() {
	pid=$(sed -n 1p "$dir/pgdata/postmaster.pid" 2>/dev/null) || return 1
	! grep -qs '^State:.*zombie' "/proc/$pid/status" || return 1
	as "$bin/pg_ctl" -D "$dir/pgdata" status >/dev/null 2>&1
}

halt() {
	running || return 0
	as "$bin/pg_ctl" -D "$dir/pgdata" -m fast -t 20 -w stop >/dev/null 2>&1 ||
		as "$bin/pg_ctl" -D "$dir/pgdata" -m immediate -t 20 -w stop >/dev/null 2>&1 ||
		fail "the server in $dir does not stop"
}

clear() { rm -rf "$dir/pgdata" "$dir/log" "$dir/initdb.log" "$dir"/db[0-9]* "$dir"/.s.PGSQL.*; }

own() {
	[ "$(id -u)" = 0 ] || return 0
	id "$user" >/dev/null 2>&1 ||
		useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$user" ||
		fail "cannot make the user $user"
	chown "$user:$user" "$dir"
	chmod 700 "$dir"
	as test -w "$dir" || fail "$user cannot reach $dir"
}

create() {
	as "$bin/initdb" -D "$dir/pgdata" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
		--locale-provider=icu --icu-locale=en-US -k --no-sync >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; return 1; }
	as tee -a "$dir/pgdata/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$dir'
		max_connections = 50
		shared_buffers = 64MB
		log_timezone = 'UTC'
	END
}

launch() {
	as "$bin/pg_ctl" -D "$dir/pgdata" -l "$dir/log" -t 60 -w start >/dev/null ||
		{ tail -20 "$dir/log" >&2; return 1; }
	sql "CREATE ROLE loudou LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
}

fresh() {       # fresh [NAME], the database to copy
	n=1
	while ! as mkdir "$dir/db$n" 2>/dev/null; do
		n=$((n + 1))
		[ "$n" -lt 10000 ] || fail "too many databases, or none can be made"
	done
	sql "CREATE DATABASE loudou$n OWNER loudou ${1:+TEMPLATE $1}"
	echo "postgresql:///loudou$n?host=$dir&user=loudou"
}

case $command in
start)
	[ -d "$dir/pgdata" ] || [ -z "$(ls -A "$dir")" ] || fail "not empty: $dir"
	own
	started=""
	trap '[ -z "$started" ] || halt' EXIT
	trap 'exit 1' INT TERM HUP
	if ! running; then
		started=yes
		clear           # of one that was killed
		create || fail "initdb failed"
		launch || fail "the server does not start"
	fi
	fresh
	started=""
	;;
fresh)
	running || fail "no server runs in $dir"
	fresh
	;;
copy)
	running || fail "no server runs in $dir"
	from=${3#postgresql:///}
	from=${from%%\?*}
	case $from in
	loudou[0-9]*) fresh "$from" ;;
	*) fail "not a database of this server: $3" ;;
	esac
	;;
stop)
	[ -d "$dir/pgdata" ] || exit 0
	halt
	clear
	rmdir "$dir" 2>/dev/null || true
	;;
*)
	fail "$usage"
	;;
esac
