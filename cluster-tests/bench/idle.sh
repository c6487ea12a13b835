#!/usr/bin/env bash
# idle.sh [PARTITIONS] [SECONDS]: what three nodes cost that hold PARTITIONS (2 000) of RF 3, with a record in each, when
# nobody does anything: CPU of each in percent of a core over SECONDS (60), and its memory in MiB, without the page
# cache and with what it maps of that.
#   PEER_TOOLS   directory of the tools for the peer: the same of Apache Kafka afterwards
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
partitions=${1:-2000}
seconds=${2:-60}

measure() { # NAME DIR
  load partitions "$(<"$2/bootstrap")" idle "$partitions" 3 >&2
  load record-each "$(<"$2/bootstrap")" idle "$partitions" >&2
  load in-sync "$(<"$2/bootstrap")" idle "$partitions" 3 >&2
  sleep 30 # compilers and first fetches
  echo "$1: nobody does anything for $seconds s, $(now)" >&2
  cpu_s "$2" >"$work/before"
  sleep "$seconds"
  cpu_s "$2" >"$work/after"
  paste "$work/before" "$work/after" <(memory_mib "$2") |
    awk -v name="$1" -v seconds="$seconds" -v partitions="$partitions" \
      '{printf "%-10s %4s %10s %12.1f %12s %12s\n", name, $1, partitions, ($4 - $2) / seconds * 100, $6, $7}' >>"$work/table"
}

start_cluster
measure penstock "$cluster"
stop_penstock
if [[ -n "$peer" ]]; then
  start_kafka
  measure kafka "$kafka" || echo "failed: kafka" >&2
fi
printf '%-10s %4s %10s %12s %12s %12s\n' "" node partitions "% of a core" "memory MiB" "with mapped"
cat "$work/table"
