# Sourced by the scripts that measure three nodes, after common.sh: starts them on loopback, each a process of its own,
# as the peer's tools do, whose cluster can run beside it. DIR/pids has a line `pid nodeId port` for each node, and
# DIR/bootstrap their addresses.
#   SETTINGS   further lines of each penstock.yaml, such as $'cluster:\n  session-timeout: 2s'
cluster=""
kafka=""
peer=${PEER_TOOLS:-}
trap 'stop_clusters; rm -rf "$work"' EXIT

free_ports() { # so many in a row, below those that the system hands out by itself
  python3 -c 'import random, socket, sys
count = int(sys.argv[1])
while True:
  first = random.randrange(12000, 30000)
  held = []
  try:
    for port in range(first, first + count):
      held.append(socket.socket())
      held[-1].bind(("127.0.0.1", port))
    print(first)
    break
  except OSError:
    pass
  finally:
    [each.close() for each in held]' "$1"
}

start_cluster() { # sets cluster, its directory, and bootstrap
  cluster="$work/penstock"
  mkdir -p "$cluster"
  local base voters="" addresses="" id
  base=$(free_ports 6)
  for id in 1 2 3; do
    voters+="${voters:+, }$id@127.0.0.1:$((base + 2 * id - 1))"
    addresses+="${addresses:+,}127.0.0.1:$((base + 2 * id - 2))"
  done
  for id in 1 2 3; do
    mkdir "$cluster/node$id"
    cat >"$cluster/node$id/penstock.yaml" <<END
node:
  id: $id
cluster:
  voters: [$voters]
data:
  directories: ["$cluster/node$id/data"]
listener:
  address: 127.0.0.1:$((base + 2 * id - 2))
peer:
  address: 127.0.0.1:$((base + 2 * id - 1))
${SETTINGS:-}
END
    echo "0 $id $((base + 2 * id - 2))" >>"$cluster/pids"
  done
  echo "$addresses" >"$cluster/bootstrap"
  bootstrap=$addresses
  for id in 1 2 3; do
    "$here/bench/node.sh" "$cluster" "$id" >/dev/null
  done
  for id in 1 2 3; do
    until grep -q '^bootstrap ' "$cluster/node$id/out"; do
      kill -0 "$(pid_of "$cluster" "$id")" || { cat "$cluster/node$id/err" >&2; exit 1; }
      sleep 0.1
    done
  done
}

start_kafka() { # [NAME=VALUE...]: Kafka's cluster by the peer's tools; sets kafka, its directory
  kafka="$work/kafka"
  mkdir -p "$kafka"
  PORT_BASE=$(free_ports 23) EXTRA="$*" bash "$peer/kafka-up.sh" 3 "$kafka" >&2
}

stop_kafka() {
  [[ -z "$kafka" ]] || bash "$peer/kafka-down.sh" "$kafka" || true
  rm -rf "$kafka"
  kafka=""
}

stop_penstock() {
  [[ -n "$cluster" && -f "$cluster/pids" ]] || return 0
  local pid
  while read -r pid _; do
    ! is_ours "$pid" || kill -CONT "$pid" || true
    ! is_ours "$pid" || kill -TERM "$pid" || true
  done <"$cluster/pids"
  while read -r pid _; do
    for _ in $(seq 200); do
      is_ours "$pid" || break
      sleep 0.1
    done
    ! is_ours "$pid" || kill -KILL "$pid" || true
  done <"$cluster/pids"
  rm -rf "$cluster"
  cluster=""
}

is_ours() { # whether the process still is one of this cluster's, and no zombie
  { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null | grep -qF "$cluster/"
}

stop_clusters() {
  stop_penstock
  stop_kafka
}

pid_of() { # DIR NODE
  awk -v node="$2" '$2 == node {print $1}' "$1/pids"
}

cpu_s() { # DIR: CPU seconds of all its nodes so far, one line each: node seconds
  local pid node ticks
  ticks=$(getconf CLK_TCK)
  while read -r pid node _; do
    awk -v node="$node" -v ticks="$ticks" '{sub(/.*\) /, ""); printf "%s %.2f\n", node, ($12 + $13) / ticks}' "/proc/$pid/stat"
  done <"$1/pids"
}

memory_mib() { # DIR: memory of each node without the page cache
  local pid node
  while read -r pid node _; do
    awk -v node="$node" '/^RssAnon:/ {printf "%s %.0f\n", node, $2 / 1024}' "/proc/$pid/status"
  done <"$1/pids"
}
