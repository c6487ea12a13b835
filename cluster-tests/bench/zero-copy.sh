#!/usr/bin/env bash
# zero-copy.sh [MIB]: which system calls move the bytes of a fetch. Writes MIB (1024), drains it by one
# consumer and by fifty with the broker's heap at 64 MiB, under strace; then lists every call that read
# from a segment. Needs strace.
export PENSTOCK_HEAP=64m
. "$(dirname "$0")/common.sh"
start_broker
load produce "$bootstrap" drained "${1:-1024}"
echo "resident without page cache: $(resident_mib) MiB"
for consumers in 1 50; do
  strace -f -c -p "$broker_pid" -o "$work/counts" &
  tracer=$!
  load drain "$bootstrap" drained "$consumers"
  kill -INT "$tracer" && wait "$tracer" || true
  head -14 "$work/counts"
  echo "resident without page cache: $(resident_mib) MiB"
done
strace -f -yy -e trace=read,pread64,preadv,preadv2,readv -p "$broker_pid" -o "$work/reads" &
tracer=$!
load drain "$bootstrap" drained 1
kill -INT "$tracer" && wait "$tracer" || true
echo "reads of segments during one drain, as calls and bytes:"
grep '\.log>' "$work/reads" | awk '{calls[$2 ~ /\(/ ? substr($2, 1, index($2, "(") - 1) : $2]++; bytes += $NF}
  END {for (c in calls) print "  " c, calls[c] " calls"; print "  " bytes + 0 " bytes"}'
