#!/usr/bin/env bash
# idle.sh [PARTITIONS] [SECONDS]: what three nodes cost that hold PARTITIONS (2 000) of RF 3, with a record in each, when
# nobody does anything: CPU of each in percent of a core over SECONDS (60), and memory without the page cache.
#   PEER_TOOLS   directory of the tools for the peer: the same of Apache Kafka afterwards
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
partitions=${1:-2000}
seconds=${2:-60}

measure() { # NAME DIR
  load partitions "$(<"$2/bootstrap")" idle "$partitions" 3
  load record-each "$(<"$2/bootstrap")" idle "$partitions"
  sleep 30 # compilers and first fetches
  cpu_s "$2" >"$work/before"
  sleep "$seconds"
  cpu_s "$2" >"$work/after"
  paste "$work/before" "$work/after" <(memory_mib "$2") |
    awk -v name="$1" -v seconds="$seconds" \
      '{printf "%s node %s: %.1f %% of a core, %s MiB\n", name, $1, ($4 - $2) / seconds * 100, $6}'
}

start_cluster
measure penstock "$cluster"
stop_penstock
if [[ -n "$peer" ]]; then
  start_kafka
  measure kafka "$kafka"
fi
