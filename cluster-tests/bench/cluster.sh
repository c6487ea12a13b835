# Sourced by the scripts that measure three nodes, after common.sh: starts them on loopback, each a process of its own,
# as the peer's tools do, whose cluster can run beside it. DIR/pids has a line `pid nodeId port` for each node, and
# DIR/bootstrap their addresses.
#   SETTINGS          further sections of each penstock.yaml, such as $'cleaner:\n  threads: 2'
#   CLUSTER_SETTINGS  further lines of its section cluster, such as '  session-timeout: 9s'
#   KEEP              file that the measured lines are appended to
cluster=""
kafka=""
kafka_nodes=3 # or 1
peer=${PEER_TOOLS:-}
trap 'stop_clusters; stop_broker; stop_load; rm -rf "$work"' EXIT

require_peer() {
  [[ -n "$peer" ]] || { echo "set PEER_TOOLS: the directory of the tools for the peer" >&2; exit 1; }
}

now() { # what the figures of a shared machine depend on
  echo "load $(cut -d' ' -f1-3 /proc/loadavg), $(date +%T)"
}

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
${CLUSTER_SETTINGS:-}
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

start_kafka() { # [NAME=VALUE...]: so many nodes of Kafka by the peer's tools; sets kafka, its directory
  kafka="$work/kafka"
  mkdir -p "$kafka"
  PORT_BASE=$(free_ports 23) EXTRA="$*" bash "$peer/kafka-up.sh" "$kafka_nodes" "$kafka" >&2
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

memory_mib() { # DIR: memory of each node, one line each: node, without the page cache, with what it maps of that
  local pid node
  while read -r pid node _; do
    awk -v node="$node" '/^VmRSS:/ {all = $2} /^RssAnon:/ {anonymous = $2}
      END {printf "%s %.0f %.0f\n", node, anonymous / 1024, all / 1024}' "/proc/$pid/status"
  done <"$1/pids"
}

memory_beside() { # DIR DIR: one line, Penstock's nodes and Kafka's
  echo "memory without page cache, MiB, by node: penstock $(memory_mib "$1" | awk '{printf "%s ", $2}')" \
    "kafka $(memory_mib "$2" | awk '{printf "%s ", $2}')"
}

# in_turn ROUNDS DIR DIR COMMAND...: calls COMMAND NAME DIR for Penstock's nodes and Kafka's in turn, ROUNDS times, with
# `round` set. What it prints are measured lines of JSON with a "tag", the NAME; they are kept in $work/lines. One that
# fails does not end the run, but is told.
in_turn() {
  local name
  local -A directories=([penstock]="$2" [kafka]="$3")
  for round in $(seq "$1"); do
    echo "round $round of $1, $(now)" >&2
    for name in penstock kafka; do
      "${@:4}" "$name" "${directories[$name]}" >"$work/round" 2>"$work/errors" || echo "failed: $name" >&2
      [[ -s "$work/round" ]] || { echo "no figures of $name:" && cat "$work/errors"; } >&2
      tee -a "$work/lines" <"$work/round" >>"${KEEP:-/dev/null}"
    done
  done
}

# ratios SIZE SPEED UNIT: a table of $work/lines: CPU seconds of all brokers per GB, medians and spread, for each "test"
# and value of SIZE, and how many UNIT of SPEED.
ratios() {
  python3 - "$work/lines" "$@" <<'END'
import collections, json, statistics, sys
path, size_key, speed_key, unit = sys.argv[1:]
runs = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(path):
    run = json.loads(line)
    if run.get("errors") or run.get("short"):
        print("failed:", line.strip())
    runs[run["test"], run.get(size_key, 0)][run["tag"]].append(run)
print(f"{'workload':14} {'bytes':>8}  {'penstock CPU-s/GB':>26} {'kafka CPU-s/GB':>26} {'ratio':>6}  {unit:>7} {'kafka':>7}")
for (test, size), tags in sorted(runs.items()):
    def of(tag, key):
        return [run[key] for run in tags.get(tag, [])] or [float("nan")]
    def cell(tag):
        cpu = of(tag, "broker_cpu_s_per_gb")
        return f"{statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f})"
    cpu = [statistics.median(of(tag, "broker_cpu_s_per_gb")) for tag in ("penstock", "kafka")]
    speed = [statistics.median(of(tag, speed_key)) for tag in ("penstock", "kafka")]
    print(f"{test:14} {size:8}  {cell('penstock'):>26} {cell('kafka'):>26} {cpu[0] / cpu[1]:6.2f}  {speed[0]:7.2f} {speed[1]:7.2f}")
END
}
