#!/usr/bin/env bash
# restart.sh [GIB] [ROUNDS]: kill -9 in the middle of producing to a log of GIB (5), ROUNDS (5) times, and how long
# the restarted process takes to acknowledge a record in each of its partitions.
. "$(dirname "$0")/common.sh"
port=$(free_port)
start_broker "$port"
load produce "$bootstrap" log $((1024 * ${1:-5}))
for _ in $(seq "${2:-5}"); do
  load_behind produce "$bootstrap" log 4096 >"$work/load"
  sleep 4
  kill -KILL "$broker_pid"
  wait "$broker_pid" || true
  stop_load
  load_behind first-ack "127.0.0.1:$port" log "$(($(date +%s%N) + 2000000000))"
  sleep 2 # the load program is up and polls when the broker starts
  start_broker "$port"
  wait "$loader"
  loader=""
  grep -h -E 'Recover|Cut' "$work/err" || true
done
du -sh "$work/data" | cut -f1
