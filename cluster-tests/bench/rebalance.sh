#!/usr/bin/env bash
# rebalance.sh [ROUNDS] [PARTITIONS] [MEMBERS]: how many seconds a group of MEMBERS (10) kafka-clients takes until it is
# stable over PARTITIONS (900) of RF 3 on three nodes: when all come at once, when one more comes, when one leaves, by
# each protocol. Prints medians of ROUNDS (5) and their spread. Brokers have their defaults, among them the three seconds
# for which the first rebalance of a classic group waits for more members.
#   PEER_TOOLS   directory of the tools for the peer; rounds alternate with Apache Kafka
#   PROTOCOLS    eager cooperative consumer, all unless said
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$here/bench/cluster.sh"
rounds=${1:-5}
partitions=${2:-900}
members=${3:-10}

measure() { # PROTOCOL NAME DIR
  program Rebalance "$(<"$3/bootstrap")" "$2" "$1" 1 "$partitions" "$members" 3
}

start_cluster
[[ -z "$peer" ]] || start_kafka
for protocol in ${PROTOCOLS:-eager cooperative consumer}; do
  echo "$protocol" >&2
  if [[ -n "$peer" ]]; then
    in_turn "$rounds" "$cluster" "$kafka" measure "$protocol" >/dev/null
    continue
  fi
  for _ in $(seq "$rounds"); do
    measure "$protocol" penstock "$cluster" >>"$work/lines" || echo "failed: $protocol" >&2
  done
done
echo "$members members, $partitions partitions, seconds until stable: median (least to most), $(now)"
python3 - "$work/lines" <<'END_OF_TABLE'
import collections, json, statistics, sys
runs = collections.defaultdict(lambda: collections.defaultdict(list))
for line in open(sys.argv[1]):
    run = json.loads(line)
    runs[run["protocol"], run["what"]][run["tag"]].append(run["seconds"])
print(f"{'protocol':12} {'what':12} {'penstock':>24} {'kafka':>24}")
for (protocol, what), tags in runs.items():
    def cell(tag):
        values = tags.get(tag)
        return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})" if values else "-"
    print(f"{protocol:12} {what:12} {cell('penstock'):>24} {cell('kafka'):>24}")
END_OF_TABLE
