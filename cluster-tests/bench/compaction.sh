#!/usr/bin/env bash
# compaction.sh [COUNT] [KEYS] [KILLS]: COUNT (10 000 000) updates of KEYS (100 000) keys in a compacted topic, which is
# cleaned afterwards. kill -9 in the middle of the cleaning, KILLS (3) times, and after each one the last value of every
# key is read; in the end nothing else is there, in the order it was written. Says how fast the cleaner was and what
# memory it took.
#   CODEC   how the producer compresses (none)
. "$(dirname "$0")/common.sh"
count=${1:-10000000}
keys=${2:-100000}
port=$(free_port)
log="$work/data/compacted-0"
touch "$work/earlier"
start_broker "$port"
program Compaction fill "$bootstrap" "$count" "$keys" "${CODEC:-none}"
echo "log: $(du -sm "$log" | cut -f1) MiB in $(ls "$log"/*.log | wc -l) segments, broker: $(resident_mib) MiB"
sleep 11 # the active segment is old enough to be rolled
program Compaction clean "$bootstrap" "$count" "$keys"

await_cleaning() {
  for _ in $(seq 3000); do
    if compgen -G "$log/*.cleaned" >/dev/null || compgen -G "$log/*.swap" >/dev/null; then return 0; fi
    sleep 0.01
  done
  return 1
}
for round in $(seq "${3:-3}"); do
  await_cleaning || { echo "no cleaning to kill any more after $((round - 1)) kills"; break; }
  sleep "0.$((RANDOM % 10))"
  kill -KILL "$broker_pid"
  wait "$broker_pid" 2>/dev/null || true
  echo "killed with $(ls "$log" | grep -c -E '\.(cleaned|swap)$' || true) files of a cleaning"
  cat "$work/err" >>"$work/earlier"
  start_broker "$port"
  program Compaction check "$bootstrap" "$count" "$keys"
done

peak=0
program Compaction exact "$bootstrap" "$count" "$keys" &
loader=$!
while kill -0 "$loader" 2>/dev/null; do
  now=$(resident_mib)
  ((now <= peak)) || peak=$now
  sleep 0.1
done
wait "$loader"
loader=""
grep -h 'Cleaned:' "$work/earlier" "$work/err" || true
echo "log: $(du -sm "$log" | cut -f1) MiB (with deleted files for a minute), broker at most: $peak MiB"
