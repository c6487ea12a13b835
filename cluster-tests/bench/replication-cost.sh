#!/usr/bin/env bash
# replication-cost.sh [ROUNDS]: CPU seconds of all three brokers per GB that producers write with acks=all at RF 3
# (Kafka's own performance tool: batches of 64 KiB, idempotent), and per GB that a consumer reads (where the tools have that program), beside Apache Kafka
# in the same run. Prints the medians of ROUNDS (3) with their spread, and the ratio. Both clusters run all the time,
# rounds alternate: believe the ratios.
#   PEER_TOOLS   directory of the tools for the peer, which have the load program
#   PERF_SIZES   bytes of a record (1024); PERF_N1K, PERF_N100: how many of 1 KiB (1 000 000), of another size
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
[[ -n "$peer" ]] || { echo "set PEER_TOOLS" >&2; exit 1; }
rounds=${1:-3}
export WORKLOADS=perf REPS=1 BALLAST=${BALLAST:-0} LOCK="" PERF_SIZES=${PERF_SIZES:-1024}

start_cluster
start_kafka
for round in $(seq "$rounds"); do
  echo "round $round of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
  TAG=penstock bash "$peer/bench.sh" "$(<"$cluster/bootstrap")" "$cluster/pids" >>"$work/lines" 2>>"$work/errors"
  TAG=kafka bash "$peer/bench.sh" "$(<"$kafka/bootstrap")" "$kafka/pids" >>"$work/lines" 2>>"$work/errors"
done
[[ -s "$work/lines" ]] || { cat "$work/errors" >&2; exit 1; }
[[ -z "${KEEP:-}" ]] || cat "$work/lines" >>"$KEEP"
echo "memory without page cache, MiB, by node: penstock $(memory_mib "$cluster" | awk '{printf "%s ", $2}')" \
  "kafka $(memory_mib "$kafka" | awk '{printf "%s ", $2}')"

python3 - "$work/lines" <<'END'
import collections, json, statistics, sys
runs = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(sys.argv[1]):
    run = json.loads(line)
    runs[run["test"], run.get("record", "")][run["tag"]].append(run)
print(f"{'workload':14} {'bytes':>6}  {'penstock CPU-s/GB':>26} {'kafka CPU-s/GB':>26} {'ratio':>6}  {'MB/s':>7} {'kafka':>7}")
for (test, size), tags in runs.items():
    def of(tag, key):
        return [run[key] for run in tags.get(tag, [])] or [float("nan")]
    def cell(tag):
        cpu = of(tag, "broker_cpu_s_per_gb")
        return f"{statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f})"
    cpu = [statistics.median(of(tag, "broker_cpu_s_per_gb")) for tag in ("penstock", "kafka")]
    speed = [statistics.median(of(tag, "mb_per_s")) for tag in ("penstock", "kafka")]
    print(f"{test:14} {size:>6}  {cell('penstock'):>26} {cell('kafka'):>26} {cpu[0] / cpu[1]:6.2f}  {speed[0]:7.1f} {speed[1]:7.1f}")
END
