#!/usr/bin/env bash
# start.sh [ROUNDS]: milliseconds from the start of the process to its first acknowledged record, on a new
# directory each round; then how long 1 000 partitions take, and the memory after 1 GiB.
. "$(dirname "$0")/common.sh"
port=$(free_port)
for _ in $(seq "${1:-5}"); do
  rm -rf "$work/data"
  load first-ack "127.0.0.1:$port" first "$(($(date +%s%N) + 2000000000))" &
  loader=$!
  sleep 2 # the load program is up and polls when the broker starts
  start_broker "$port"
  wait "$loader"
  stop_broker
done
start_broker
load partitions "$bootstrap" many 1000
echo "resident without page cache: $(resident_mib) MiB"
load produce "$bootstrap" gibibyte 1024
load drain "$bootstrap" gibibyte 1
echo "resident without page cache after 1 GiB in and out: $(resident_mib) MiB"
