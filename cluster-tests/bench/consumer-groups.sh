#!/usr/bin/env bash
# consumer-groups.sh ARGUMENT...: kafka-consumer-groups of Kafka's published tools, from the jars of the build, such as
#   consumer-groups.sh --bootstrap-server 127.0.0.1:9092 --describe --all-groups
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ -d "$here/target/kafka-tools" ]] || { echo "build first: ./penstock --version && mvn -DskipTests package" >&2; exit 1; }
exec "$("$here/../build/find-jdk")/bin/java" -Xmx512m -XX:TieredStopAtLevel=1 \
  -cp "$here/target/kafka-tools/*:$here/target/kafka-current/*" \
  org.apache.kafka.tools.consumer.group.ConsumerGroupCommand "$@" 2> >(grep -v -e SLF4J >&2)
