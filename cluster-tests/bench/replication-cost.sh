#!/usr/bin/env bash
# replication-cost.sh [ROUNDS] [MIB]: CPU seconds of all three brokers, by /proc, per GB that a producer writes with
# acks=all at RF 3 (idempotent, batches of 64 KiB, six partitions; until all replicas are in sync), and per GB that a
# consumer reads back, beside Apache Kafka in the same run. Prints the medians of ROUNDS (3) of MIB (1024), with their
# spread, and the ratio. Both clusters run all the time, rounds alternate: believe the ratios.
#   PEER_TOOLS     directory of the tools for the peer
#   RECORD_BYTES   bytes of a record (1024)
#   WARM_MIB       what either writes and reads before the first round (1024): compilers halve the cost of the start
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
require_peer
rounds=${1:-3}
mib=${2:-1024}
record=${RECORD_BYTES:-1024}
partitions=6

cpu_of_all_s() { # DIR
  cpu_s "$1" | awk '{sum += $2} END {printf "%.2f", sum}'
}

# figures TEST NAME DIR MIB COMMAND...: runs COMMAND, which tells how many ms its load took, and prints a measured line.
figures() {
  local before told
  before=$(cpu_of_all_s "$3")
  told=$("${@:5}") || return 1
  awk -v test="$1" -v name="$2" -v record="$record" -v mib="$4" -v before="$before" -v after="$(cpu_of_all_s "$3")" \
    -v ms="$(sed -n '1s/.* in \([0-9]*\) ms$/\1/p' <<<"$told")" 'BEGIN {
      gb = mib * 1048576 / 1e9
      printf "{\"tag\":\"%s\",\"test\":\"%s\",\"record\":%d,\"gb\":%.3f,", name, test, record, gb
      printf "\"broker_cpu_s_per_gb\":%.3f,\"mb_per_s\":%.1f}\n", (after - before) / gb, gb * 1e6 / ms}'
}

write() { # BOOTSTRAP TOPIC MIB: until every replica has everything
  load produce "$1" "$2" "$3" "$partitions" "$record" 65536 || return 1
  load in-sync "$1" "$2" "$partitions" 3
}

transfer() { # MIB NAME DIR
  local addresses topic="cost-$RANDOM$RANDOM"
  addresses=$(<"$3/bootstrap")
  load partitions "$addresses" "$topic" "$partitions" 3 >&2 || return 1
  figures "write acks=all" "$2" "$3" "$1" write "$addresses" "$topic" "$1" || return 1
  figures read "$2" "$3" "$1" load drain "$addresses" "$topic" 1 "$partitions" || return 1
  load delete "$addresses" "$topic"
  sleep 3 # what the brokers still do for it is not the next one's
}

start_cluster
start_kafka
warm=${WARM_MIB:-1024}
echo "warm-up of $warm MiB each, then $rounds rounds of $mib MiB, $(now)" >&2
for each in "$cluster" "$kafka"; do
  [[ "$warm" -eq 0 ]] || transfer "$warm" warm-up "$each" >/dev/null
done
in_turn "$rounds" "$cluster" "$kafka" transfer "$mib"
memory_beside "$cluster" "$kafka"
ratios record mb_per_s MB/s
