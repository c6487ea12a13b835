#!/usr/bin/env bash
# control-plane.sh [PARTITIONS...]: what clusters of so many partitions (10 000, 100 000, 1 000 000) cost the rules of
# the control plane in time, snapshot and memory; then what 10 000 cost one node that holds them all.
. "$(dirname "$0")/common.sh"
sizes=("$@")
[[ $# -gt 0 ]] || sizes=(10000 100000 1000000)
run() { # HEAP CLASS ARGUMENT...
  "$java" "-Xmx$1" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -cp "$here/../replication/target/test-classes:$home/lib/*" \
    "io.penstock.replication.$2" "${@:3}" 2> >(grep -v -e SLF4J -e WARN >&2)
}
run 3g leadership.ScaleBenchmark "${sizes[@]}"
echo
run 256m partition.RegistryBenchmark "$work/logs" 10000
