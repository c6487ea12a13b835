#!/usr/bin/env bash
# latency.sh [ROUNDS] [SECONDS]: end to end at 2 000 records of 1 KiB a second, from the time at which a record should be
# sent until a consumer has it and until it is acknowledged: three nodes, RF 3, acks=all, six partitions. Prints the
# medians of ROUNDS (3) with their spread, and how much CPU the brokers took.
#   PEER_TOOLS   directory of the tools for the peer, which have the load program; rounds alternate with Apache Kafka
#   RATE         records per second (2000)
# Without PEER_TOOLS nothing can be measured. Both clusters run all the time: believe comparisons only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
[[ -n "$peer" ]] || { echo "set PEER_TOOLS" >&2; exit 1; }
rounds=${1:-3}
export WORKLOADS=e2e REPS=1 BALLAST=0 LOCK="" E2E_RATE=${RATE:-2000} E2E_S=${2:-30}

start_cluster
start_kafka
for round in $(seq "$rounds"); do
  echo "round $round of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
  TAG=penstock bash "$peer/bench.sh" "$(<"$cluster/bootstrap")" "$cluster/pids" >>"$work/lines"
  TAG=kafka bash "$peer/bench.sh" "$(<"$kafka/bootstrap")" "$kafka/pids" >>"$work/lines"
done
[[ -z "${KEEP:-}" ]] || cat "$work/lines" >>"$KEEP"

python3 - "$work/lines" <<'END'
import collections, json, statistics, sys
runs = collections.defaultdict(list)
for line in open(sys.argv[1]):
    run = json.loads(line)
    if run["failed"]:
        print("failed:", line.strip())
    runs[run["tag"]].append(run)
print(f"{'':10} {'':18} {'p50 ms':>24} {'p99 ms':>24} {'p99.9 ms':>24} {'broker cores':>14}")
for tag, all in runs.items():
    for what in ("e2e_ms", "ack_ms"):
        cells = []
        for key in ("p50", "p99", "p999"):
            values = [run[what][key] for run in all]
            cells.append(f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")
        cores = f"{statistics.median(run['broker_cores'] for run in all):.3f}"
        name = "until consumed" if what == "e2e_ms" else "until acknowledged"
        print(f"{tag:10} {name:18} {cells[0]:>24} {cells[1]:>24} {cells[2]:>24} {cores:>14}")
END
