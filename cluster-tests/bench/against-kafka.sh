#!/usr/bin/env bash
# against-kafka.sh PEER [ROUNDS]: the raw workload against Penstock and Apache Kafka in turn, in one session on one
# machine. PEER is the directory of the peer's tools (kafka-up.sh, bench.sh; see its README and run its setup.sh
# once). Prints, for each workload and size, the medians of ROUNDS (3) with their spread: broker CPU seconds per GB,
# GB/s, and the ratio to Kafka. Believe the ratios; the rest belongs to the machine and its load.
#   RAW_SPECS  KiB-of-a-batch:bytes-of-a-record, default "1024:1024 64:1024 16:1024"
#   RAW_GIB    GiB that a produce run writes (2); other settings of bench.sh pass through, such as BOOST and BALLAST
#   KEEP       file that the measured lines are appended to
PEER_TOOLS=$(cd "${1:?directory of the tools for the peer}" && pwd)
rounds=${2:-3}
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
export WORKLOADS=raw REPS=1
kafka_nodes=1

start_kafka
start_broker
mkdir "$work/one"
echo "$bootstrap" >"$work/one/bootstrap"
echo "$broker_pid 1 ${bootstrap##*:}" >"$work/one/pids"

measure() { # SPEC NAME DIR: produce, then fetch of 1 MiB at a time
  # The compilers halve a broker's cost in its first gigabytes.
  TAG=$2 RAW_SPECS=$1 RAW_FETCH_BATCHES=$((1024 / ${1%%:*})) RAW_WARM=$((round == 1 ? 4 : 1)) \
    bash "$peer/bench.sh" "$(<"$3/bootstrap")" "$3/pids"
}

for spec in ${RAW_SPECS:-1024:1024 64:1024 16:1024}; do
  in_turn "$rounds" "$work/one" "$kafka" measure "$spec"
done
memory_beside "$work/one" "$kafka"
ratios req_bytes gb_per_s GB/s
