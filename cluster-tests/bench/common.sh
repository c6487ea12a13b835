# Sourced by the scripts beside it: starts a broker of the built distribution, and runs the load program.
# Build first: ./penstock --version && mvn -DskipTests package
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
java="$("$here/../build/find-jdk")/bin/java"
home=$(find "$here/../node/target" -maxdepth 1 -type d -name 'penstock-*' | head -1)
[[ -x "$home/bin/penstock" && -d "$here/target/kafka-current" ]] || {
  echo "build first: ./penstock --version && mvn -DskipTests package" >&2
  exit 1
}
work=$(mktemp -d "$here/target/bench-XXXXXX")
broker_pid=""
loader=""
trap 'stop_broker; stop_load; rm -rf "$work"' EXIT

program() { # CLASS ARGUMENT...: a program of the package bench
  "$java" -Xmx1g -cp "$here/target/classes:$here/target/kafka-current/*" \
    "io.penstock.cluster.bench.$1" "${@:2}" 2> >(grep -v -e SLF4J -e WARN >&2)
}

load() { # COMMAND ARGUMENT...
  program Load "$@"
}

# program_behind CLASS ARGUMENT...: the same in the background; sets loader, the process itself and no shell around it, so
# that ending it ends the load.
program_behind() {
  "$java" -Xmx1g -cp "$here/target/classes:$here/target/kafka-current/*" \
    "io.penstock.cluster.bench.$1" "${@:2}" 2> >(grep -v -e SLF4J -e WARN >&2) &
  loader=$!
}

load_behind() { # COMMAND ARGUMENT...
  program_behind Load "$@"
}

# start_broker [PORT]: sets broker_pid and bootstrap when it is ready.
start_broker() {
  : >"$work/out"
  "$home/bin/penstock" dev --port "${1:-0}" --data "$work/data" >"$work/out" 2>"$work/err" &
  broker_pid=$!
  until bootstrap=$(grep -m1 '^bootstrap ' "$work/out"); do
    kill -0 "$broker_pid" || { cat "$work/err" >&2; exit 1; }
    sleep 0.05
  done
  bootstrap=${bootstrap#bootstrap }
}

stop_broker() {
  [[ -z "$broker_pid" ]] || { kill "$broker_pid" 2>/dev/null && wait "$broker_pid" || true; }
  broker_pid=""
}

stop_load() {
  [[ -z "$loader" ]] || { kill "$loader" 2>/dev/null && wait "$loader" || true; }
  loader=""
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

resident_mib() { # memory of the process without the page cache
  awk '/^RssAnon:/ {printf "%.0f", $2 / 1024}' "/proc/$broker_pid/status"
}
