#!/usr/bin/env bash
# groups.sh [GROUPS] [SECONDS]: GROUPS (1 000) groups of two members, each of which commits an offset a second and reads
# nothing, on three nodes: what that takes of them over SECONDS (120), after WARM_S (30). CPU in percent of a core and
# memory in MiB without the page cache, by node and all together; how much of __consumer_offsets one replica of all its
# partitions has on disk, and how much of that a commit adds; how long commits took.
#   PEER_TOOLS   directory of the tools for the peer: the same of Apache Kafka, one after the other
#   PROTOCOLS    of the groups (classic consumer)
#   ONLY         penstock or kafka: one of them alone
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
groups=${1:-1000}
seconds=${2:-120}
warm=${WARM_S:-30}

offsets_bytes() { # DIR: of the records in one replica of the internal topic
  { find "$1" -path '*/__consumer_offsets-*' -name '*.log' -printf '%s\n' 2>/dev/null || true; } |
    awk '{sum += $1} END {printf "%.0f", sum / 3}'
}

measure() { # NAME DIR PROTOCOL
  local bytes start
  echo "$1, $3: $groups groups of two members, $(now)" >&2
  program_behind Groups "$(<"$2/bootstrap")" "$3" "$groups" 2 3 "$warm" "$seconds" >"$work/told"
  until grep -q '^measured' "$work/told"; do
    kill -0 "$loader" 2>/dev/null || { cat "$work/told" >&2; loader=""; return 1; }
    sleep 0.1
  done
  start=$(date +%s%N)
  bytes=$(offsets_bytes "$2")
  cpu_s "$2" >"$work/before"
  wait "$loader" || { loader=""; return 1; }
  loader=""
  cpu_s "$2" >"$work/after"
  grep -v '^measured' "$work/told" | sed "s/^/$1 $3: /" >&2
  paste "$work/before" "$work/after" <(memory_mib "$2") |
    awk -v name="$1" -v protocol="$3" -v seconds="$((($(date +%s%N) - start) / 1000000))" \
      -v before="$bytes" -v after="$(offsets_bytes "$2")" \
      -v commits="$(sed -n '$s/^commits \([0-9]*\),.*/\1/p' "$work/told")" '
      {cpu = ($4 - $2) / seconds * 1e5; all += cpu; memory += $6; nodes = nodes sprintf("%.0f/%.0f ", cpu, $6)}
      END {printf "%-9s %-9s %9.1f %9.0f   %-24s %9.1f %9.1f %9d\n", name, protocol, all, memory, nodes,
        after / 1048576, (after - before) / commits, commits / seconds * 1000}' >>"$work/table"
}

for protocol in ${PROTOCOLS:-classic consumer}; do
  if [[ "${ONLY:-penstock}" = penstock ]]; then
    start_cluster
    measure penstock "$cluster" "$protocol" || echo "failed: penstock, $protocol" >&2
    stop_penstock
  fi
  if [[ -n "$peer" && "${ONLY:-kafka}" = kafka ]]; then
    start_kafka
    measure kafka "$kafka" "$protocol" || echo "failed: kafka, $protocol" >&2
    stop_kafka
  fi
done
printf '%-9s %-9s %9s %9s   %-24s %9s %9s %9s\n' "" protocol "% of core" MiB "by node" "topic MiB" B/commit commits/s
cat "$work/table"
