#!/usr/bin/env bash
# against-kafka.sh PEER [ROUNDS]: the raw workload against Penstock and Apache Kafka in turn, in one session on one
# machine. PEER is the directory of the peer's tools (kafka-up.sh, bench.sh; see its README and run its setup.sh
# once). Prints, for each workload and size, the medians of ROUNDS (3) with their spread: broker CPU seconds per GB,
# GB/s, and the ratio to Kafka. Believe the ratios; the rest belongs to the machine and its load.
#   RAW_SPECS  KiB-of-a-batch:bytes-of-a-record, default "1024:1024 64:1024 16:1024"
#   RAW_GIB    GiB that a produce run writes (2); other settings of bench.sh pass through, such as BOOST and BALLAST
#   KEEP       file that the measured lines are appended to
peer=$(cd "${1:?directory of the tools for the peer}" && pwd)
rounds=${2:-3}
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export WORKLOADS=raw REPS=1
kafka="$work/kafka"
trap 'stop_broker; bash "$peer/kafka-down.sh" "$kafka" || true; rm -rf "$work"' EXIT

free_port() { # of three in a row, as kafka-up.sh wants them
  python3 -c 'import socket
while True:
  s = [socket.socket() for _ in range(3)]
  try:
    s[0].bind(("127.0.0.1", 0))
    port = s[0].getsockname()[1]
    s[1].bind(("127.0.0.1", port + 1))
    s[2].bind(("127.0.0.1", port + 2))
    print(port)
    break
  except (OSError, OverflowError):
    pass
  finally:
    [each.close() for each in s]'
}

mkdir -p "$kafka"
PORT_BASE=$(free_port) bash "$peer/kafka-up.sh" 1 "$kafka" >&2
start_broker
echo "$broker_pid 1 ${bootstrap##*:}" >"$work/pids"

measure() { # NAME BOOTSTRAP PIDS SPEC: produce, then fetch of 1 MiB at a time
  TAG=$1 RAW_SPECS=$4 RAW_FETCH_BATCHES=$((1024 / ${4%%:*})) bash "$peer/bench.sh" "$2" "$3" >>"$work/lines"
}

for round in $(seq "$rounds"); do
  echo "round $round of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
  # The compilers halve a broker's cost in its first gigabytes.
  export RAW_WARM=$((round == 1 ? 4 : 1))
  for spec in ${RAW_SPECS:-1024:1024 64:1024 16:1024}; do
    measure penstock "$bootstrap" "$work/pids" "$spec"
    measure kafka "$(<"$kafka/bootstrap")" "$kafka/pids" "$spec"
  done
done
[[ -z "${KEEP:-}" ]] || cat "$work/lines" >>"$KEEP"
echo "memory without page cache, MiB: penstock $(resident_mib)," \
  "kafka $(awk '/^RssAnon:/ {printf "%.0f", $2 / 1024}' "/proc/$(cut -d' ' -f1 "$kafka/pids")/status")"

python3 - "$work/lines" <<'END'
import collections, json, statistics, sys
runs = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(sys.argv[1]):
    run = json.loads(line)
    if run["errors"] or run["short"]:
        print("failed:", line.strip())
    runs[run["test"], run["req_bytes"]][run["tag"]].append(run)
print(f"{'workload':12} {'bytes':>8}  {'penstock CPU-s/GB':>24} {'kafka CPU-s/GB':>24} {'ratio':>6}  {'GB/s':>6} {'kafka':>6}")
for (test, size), tags in sorted(runs.items()):
    def of(tag, key):
        return [run[key] for run in tags.get(tag, [])] or [float("nan")]
    def cell(tag):
        cpu = of(tag, "broker_cpu_s_per_gb")
        return f"{statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f})"
    cpu = [statistics.median(of(tag, "broker_cpu_s_per_gb")) for tag in ("penstock", "kafka")]
    speed = [statistics.median(of(tag, "gb_per_s")) for tag in ("penstock", "kafka")]
    print(f"{test:12} {size:8}  {cell('penstock'):>24} {cell('kafka'):>24} {cpu[0] / cpu[1]:6.2f}  {speed[0]:6.2f} {speed[1]:6.2f}")
END
