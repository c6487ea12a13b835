#!/usr/bin/env bash
# many-partitions-restart.sh [PARTITIONS] [ROUNDS]: how long a voter takes to start again in a cluster that knows so many
# partitions (100 000), after SIGTERM and after kill -9, ROUNDS (3) times each: node 5, which holds none of them, so
# that only the control plane starts again; then node 4, which has the logs of a sixth. Seven nodes, because
# each log is an open file and a process may have 20 000 or fewer.
. "$(dirname "$0")/common.sh"
partitions=${1:-100000}
: >"$work/out"
"$home/bin/penstock" dev --nodes 7 --port "$(free_port)" --data "$work/data" >"$work/out" 2>"$work/err" &
broker_pid=$!
until bootstrap=$(grep -m1 '^bootstrap ' "$work/out"); do
  kill -0 "$broker_pid" || { cat "$work/err" >&2; exit 1; }
  sleep 0.05
done
program ManyPartitions "${bootstrap#bootstrap }" "$partitions" 1 2 3 4 6 7

restarted=""
trap '[[ -z "$restarted" ]] || { kill "$restarted" && wait "$restarted" || true; }; stop_broker; stop_load; rm -rf "$work"' EXIT
for node in 5 4; do
  for signal in TERM KILL; do
    for _ in $(seq "${2:-3}"); do
      pid=${restarted:-$(awk -v node="$node" '$2 == node {print $1}' "$work/data/nodes")}
      kill "-$signal" "$pid"
      wait "$pid" 2>/dev/null || while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
      start=$(date +%s%N)
      "$home/bin/penstock" server --config "$work/data/node$node/penstock.yaml" >"$work/again" 2>"$work/again.err" &
      restarted=$!
      until grep -q '^bootstrap ' "$work/again"; do
        kill -0 "$restarted" || { cat "$work/again.err" >&2; exit 1; }
        sleep 0.01
      done
      echo "node $node after SIG$signal: up in $((($(date +%s%N) - start) / 1000000)) ms," \
        "CPU $(awk '{print ($14 + $15) * 10}' "/proc/$restarted/stat") ms," \
        "$(awk '/^RssAnon:/ {printf "%.0f", $2 / 1024}' "/proc/$restarted/status") MiB"
    done
  done
  kill "$restarted" && wait "$restarted" || true
  restarted=""
done
