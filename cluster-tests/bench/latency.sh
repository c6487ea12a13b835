#!/usr/bin/env bash
# latency.sh [ROUNDS] [SECONDS]: end to end at 2 000 records of 1 KiB a second, from the time at which a record should be
# sent until a consumer has it and until it is acknowledged: three nodes, RF 3, acks=all, six partitions, one producer
# and one consumer. Prints the medians of ROUNDS (3) of SECONDS (30) with their spread, and how much CPU the brokers
# took. What happens in the first WARM_S seconds (10) of a round does not count, nor does a round of SECONDS before the
# first one.
#   PEER_TOOLS   directory of the tools for the peer, which have the load program; rounds alternate with Apache Kafka
#   RATE         records per second (2000)
# Without PEER_TOOLS nothing can be measured. Both clusters run all the time: believe comparisons only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
require_peer
rounds=${1:-3}
seconds=${2:-30}
export WORKLOADS=e2e REPS=1 BALLAST=0 LOCK="" E2E_RATE=${RATE:-2000} E2E_S=$seconds WARM_S=${WARM_S:-10}

measure() { # NAME DIR
  TAG=$1 bash "$peer/bench.sh" "$(<"$2/bootstrap")" "$2/pids"
}

start_cluster
start_kafka
echo "warm-up, then $rounds rounds: about $((2 + (rounds + 1) * 2 * (seconds + WARM_S + 12) / 60)) minutes, $(now)" >&2
measure warm-up "$cluster" >/dev/null
measure warm-up "$kafka" >/dev/null
in_turn "$rounds" "$cluster" "$kafka" measure

python3 - "$work/lines" <<'END'
import collections, json, statistics, sys
runs = collections.defaultdict(list)
for line in open(sys.argv[1]):
    run = json.loads(line)
    if run["failed"] or not run["e2e_ms"] or not run["ack_ms"]:
        print("failed:", line.strip())
    if run["e2e_ms"] and run["ack_ms"]:
        runs[run["tag"]].append(run)
print(f"{'':10} {'':18} {'p50 ms':>26} {'p99 ms':>26} {'p99.9 ms':>26} {'broker cores':>13} {'rounds':>7}")
for what, name in (("e2e_ms", "until consumed"), ("ack_ms", "until acknowledged")):
    for tag, all in runs.items():
        cells = []
        for key in ("p50", "p99", "p999"):
            values = [run[what][key] for run in all]
            cells.append(f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")
        cores = f"{statistics.median(run['broker_cores'] for run in all):.3f}"
        print(f"{tag:10} {name:18} {cells[0]:>26} {cells[1]:>26} {cells[2]:>26} {cores:>13} {len(all):7}")
END
