#!/usr/bin/env bash
# faults.sh [SECONDS] [SUITE...]: the suites of `replication`, SECONDS (60) of faults for each of their tests: against
# Penstock, then Apache Kafka with its defaults, then Kafka with the session timeout of Penstock. Three nodes, RF 3,
# min.insync.replicas 2, producers with acks=all and idempotence at a steady rate. Prints how long it will take, and in
# the end one table: what was lost and so on, and the longest gaps between acks that clients with default settings saw,
# in partitions whose leader was hit and in the others. A suite that fails does not end the run.
#   SUITE            KillLeaders PausedLeaders RollingRestart KillAll CutLeader DamagedTail WipedDirectory
#                    KillBothGroupsLeader, all unless said
#   ONLY             which of penstock, kafka and kafka-session, as "kafka kafka-session"
#   KAFKA_JARS       directory of Kafka's jars (that of the build)
#   KAFKA_SETTINGS   of the third (broker.session.timeout.ms=4000)
#   RATE             records per second (1000)
#   SEED             of the faults (another one for each run)
#   LOGS             directory of what the runs printed (cluster-tests/target/faults)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
seconds=${1:-60}
shift || true
suites=("$@")
[[ $# -gt 0 ]] || suites=(KillLeaders PausedLeaders RollingRestart KillAll CutLeader DamagedTail WipedDirectory KillBothGroupsLeader)
jars=${KAFKA_JARS:-$root/cluster-tests/target/kafka-current}
logs=${LOGS:-$root/cluster-tests/target/faults}
mkdir -p "$logs"

run() { # NAME [PROPERTY...]: all suites in one run of Maven, a process of its own for each
  echo "== $1, $(date +%T), load $(cut -d' ' -f1-3 /proc/loadavg)"
  local tests
  tests=$(printf '%sTest,' "${suites[@]}")
  mvn -B -ntp verify -pl cluster-tests -am -Dspotless.check.skip -Dcheckstyle.skip \
    "-Dtest=${tests%,}" -Dsurefire.failIfNoSpecifiedTests=false \
    -DforkCount=1 -DreuseForks=false -Dpenstock.cluster.long=true "-Dpenstock.cluster.seconds=$seconds" \
    "-Dpenstock.cluster.rate=${RATE:-1000}" ${SEED:+"-Dpenstock.seed=$SEED"} "${@:2}" 2>&1 |
    tee "$logs/$1.log" | grep --line-buffered -E '^[a-z-]+: [0-9]+ rounds, ' || echo "some of $1 failed, see below"
}

wanted=()
for name in penstock kafka kafka-session; do
  [[ " ${ONLY:-$name} " != *" $name "* ]] || wanted+=("$name")
done
tests=${#suites[@]}
[[ " ${suites[*]} " != *" CutLeader "* ]] || tests=$((tests + 3)) # it has four
[[ " ${suites[*]} " != *" PausedLeaders "* ]] || tests=$((tests + 1)) # two, one of Penstock alone
minutes=$((${#wanted[@]} * (1 + tests * (seconds + 35) / 60)))
echo "$tests tests of $seconds s each against ${wanted[*]}, with what comes before and after: about $minutes minutes," \
  "until $(date -d "+$minutes minutes" +%R); logs in $logs"
for name in "${wanted[@]}"; do
  : >"$logs/$name.log"
done
for name in "${wanted[@]}"; do
  case $name in
    penstock) run penstock ;;
    kafka) run kafka "-Dpenstock.cluster.kafka=$jars" ;;
    kafka-session)
      run kafka-session "-Dpenstock.cluster.kafka=$jars" \
        "-Dpenstock.cluster.kafka.settings=${KAFKA_SETTINGS:-broker.session.timeout.ms=4000}"
      ;;
  esac
done

python3 - "$logs" "${wanted[@]}" <<'END'
import re, sys
logs, names = sys.argv[1], sys.argv[2:]
kinds = ("lost", "duplicated", "reordered", "phantom", "divergent", "went back")
rows, order, failures = {}, [], []

def longest(line, of):
    found = re.search(of + r" (?:-|\d+ / \d+ / (\d+))", line)
    return found and found.group(1) or "-"

for name in names:
    lines = open(f"{logs}/{name}.log", errors="replace").read().splitlines()
    for at, line in enumerate(lines):
        begun = re.search(r"([a-z-]+): seed (-?\d+)$", line)
        ended = re.search(r"([a-z-]+): (\d+) rounds, (\d+) acknowledged, \d+ present; (.*)", line)
        gaps = re.search(r"([a-z-]+): gaps by default settings: (.*)", line)
        if begun:
            rows[begun.group(1), name] = {}
            if begun.group(1) not in order:
                order.append(begun.group(1))
        elif ended:
            counts = {kind: count for count, kind in re.findall(r"(\d+) ([a-z ]+)", ended.group(4))}
            rows[ended.group(1), name] = counts | {"rounds": ended.group(2), "acked": ended.group(3)}
        elif gaps:
            row = rows.setdefault((gaps.group(1), name), {})
            row["hit"] = longest(gaps.group(2), "leader was hit")
            row["others"] = longest(gaps.group(2), "in the others")
        elif re.match(r"\[ERROR\].*<<< (FAILURE|ERROR)!", line) and "Tests run:" not in line:
            failures.append(f"{name}: {line[8:]}\n    " + "\n    ".join(lines[at + 1 : at + 4]))
    if not any(key[1] == name for key in rows):
        told = [line for line in lines if re.match(r"\[(ERROR|WARNING)\]", line)]
        failures.append(f"{name}: nothing has run\n    " + "\n    ".join(told[:15]))

print("gap: the longest time without an ack in one partition, ms, clients with default settings")
print(f"{'suite':24} {'software':14} {'rounds':>6} {'acked':>8}" + "".join(f" {kind:>10}" for kind in kinds)
      + f" {'gap, hit':>9} {'others':>7}")
for suite in order:
    for name in names:
        row = rows.get((suite, name))
        if row is None:
            print(f"{suite:24} {name:14} did not run")
        elif "acked" not in row:
            print(f"{suite:24} {name:14} did not come to its end")
        else:
            print(f"{suite:24} {name:14} {row['rounds']:>6} {row['acked']:>8}"
                  + "".join(f" {row.get(kind, '?'):>10}" for kind in kinds)
                  + f" {row.get('hit', '-'):>9} {row.get('others', '-'):>7}")
for failure in failures:
    print(failure)
END
