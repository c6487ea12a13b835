// round-trip.js BOOTSTRAP TOPIC-PREFIX: creates topics, produces with kafkajs and reads everything back.
// kafkajs reads only as a member of a consumer group; what it fetches with is underneath and used here
// directly, so that the test needs no group coordinator.
const assert = require('node:assert')
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')
const SnappyCodec = require('kafkajs-snappy')
const lz4 = require('lz4js')
const zstd = require('@bokuweb/zstd-wasm')
const Cluster = require('kafkajs/src/cluster')
const { createLogger } = require('kafkajs/src/loggers')
const createConsole = require('kafkajs/src/loggers/console')
const createSocketFactory = require('kafkajs/src/network/socketFactory')

const [bootstrap, prefix] = process.argv.slice(2)
const RECORDS = 300
CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec
// kafkajs' own packages for these two have to be compiled; any library of the format will do.
CompressionCodecs[CompressionTypes.LZ4] = codec({ compress: lz4OfIndependentBlocks, decompress: lz4.decompress })
CompressionCodecs[CompressionTypes.ZSTD] = codec(zstd)

const kafka = new Kafka({ clientId: 'round-trip', brokers: [bootstrap], logLevel: logLevel.ERROR })

function codec(library) {
  return () => ({
    compress: async encoder => Buffer.from(library.compress(encoder.buffer)),
    decompress: async buffer => Buffer.from(library.decompress(buffer)),
  })
}

// Kafka takes only frames that are marked as of independent blocks, which one of a single block is. The mark is
// in the flags of the frame's header, and a byte of its hash follows.
function lz4OfIndependentBlocks(bytes) {
  assert(bytes.length <= 4 << 20, 'more than one block')
  const frame = lz4.compress(bytes)
  frame.set([0x60, 0x70, 0x73], 4)
  return frame
}

function messages() {
  return Array.from({ length: RECORDS }, (_, i) => ({
    partition: i % 2,
    key: i % 5 === 0 ? null : `key-${i % 13}`,
    value: i % 7 === 0 ? null : `value ${i} `.repeat(20),
    headers: { trace: `t${i}` },
    timestamp: String(1700000000000 + i),
  }))
}

async function fetchAll(cluster, topic, partition, from) {
  const leader = await cluster.findBroker({ nodeId: String(leaderOf(cluster, topic, partition)) })
  const records = []
  let offset = from
  for (let round = 0; round < 50; round++) {
    const answer = await leader.fetch({
      maxWaitTime: 100,
      isolationLevel: 1,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 20000 }] }],
    })
    const part = answer.responses[0].partitions[0]
    const fresh = part.messages.filter(message => Number(message.offset) >= offset)
    if (fresh.length === 0 && offset >= Number(part.highWatermark)) break
    records.push(...fresh)
    if (fresh.length > 0) offset = Number(fresh[fresh.length - 1].offset) + 1
  }
  return records
}

function leaderOf(cluster, topic, partition) {
  const found = cluster.findTopicPartitionMetadata(topic).find(p => p.partitionId === partition)
  return found.leader
}

async function roundTrip(admin, producer, cluster, name, compression) {
  const topic = `${prefix}-${name}`
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true })
  const sent = messages()
  await producer.send({ topic, messages: sent, compression, acks: -1 })
  await cluster.addTargetTopic(topic)
  for (const partition of [0, 1]) {
    const expected = sent.filter(message => message.partition === partition)
    for (const from of [0, 40]) {
      const read = await fetchAll(cluster, topic, partition, from)
      assert.strictEqual(read.length, expected.length - from, `${topic}-${partition} from ${from}`)
      read.forEach((record, i) => {
        const message = expected[from + i]
        assert.strictEqual(record.key === null ? null : record.key.toString(), message.key)
        assert.strictEqual(record.value === null ? null : record.value.toString(), message.value)
        assert.strictEqual(record.headers.trace.toString(), message.headers.trace)
        assert.strictEqual(record.timestamp, message.timestamp)
      })
    }
  }
  const offsets = await admin.fetchTopicOffsets(topic)
  offsets.forEach(o => assert.strictEqual(o.high, String(RECORDS / 2)))
  const byTime = await admin.fetchTopicOffsetsByTimestamp(topic, 1700000000100)
  byTime.forEach(o => assert.strictEqual(o.offset, '50'))
  console.log(`${topic}: ${RECORDS} records equal`)
  return topic
}

async function main() {
  await zstd.init()
  const admin = kafka.admin()
  const plain = kafka.producer()
  const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const logger = createLogger({ level: logLevel.ERROR, logCreator: createConsole })
  const cluster = new Cluster({
    logger,
    brokers: [bootstrap],
    socketFactory: createSocketFactory(),
    clientId: 'round-trip',
    connectionTimeout: 5000,
    requestTimeout: 20000,
    metadataMaxAge: 300000,
    isolationLevel: 1,
    retry: { retries: 5 },
    offsets: new Map(),
  })
  const parts = [admin, plain, idempotent, cluster]
  for (const part of parts) await part.connect()
  const runs = [
    ['none', plain, CompressionTypes.None],
    ['gzip', plain, CompressionTypes.GZIP],
    ['snappy', plain, CompressionTypes.Snappy],
    ['lz4', plain, CompressionTypes.LZ4],
    ['zstd', plain, CompressionTypes.ZSTD],
    ['idempotent', idempotent, CompressionTypes.None],
  ]
  const topics = []
  for (const [name, producer, compression] of runs) {
    topics.push(await roundTrip(admin, producer, cluster, name, compression))
  }
  await admin.deleteTopics({ topics })
  for (const part of parts) await part.disconnect()
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  }
)
