#!/usr/bin/env bash
# flushed-acks.sh [SECONDS] [BOOTSTRAP]: acks per second of topics with flush.messages=1, and how long an ack takes, for
# one producer (the latency of one fsync), for many at one partition (they share fsyncs) and for many partitions. With
# BOOTSTRAP against a broker that runs already. Believe comparisons of runs that alternate on one disk only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
bootstrap=${2:-}
[[ -n "$bootstrap" ]] || start_broker
for spec in "1 1 1" "16 1 1" "16 1 all" "32 8 1"; do
  # shellcheck disable=SC2086 # three arguments
  "$java" -Xmx1g -cp "$here/target/classes:$here/target/kafka-current/*" \
    io.penstock.cluster.bench.FlushedAcks "$bootstrap" $spec "${1:-10}" 2> >(grep -v -e SLF4J -e WARN >&2)
done
