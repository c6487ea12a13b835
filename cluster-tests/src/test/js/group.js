// group.js BOOTSTRAP TOPIC: members of a kafkajs consumer group come and leave while records are produced; each
// record has to be processed once, and a later member of the group has to find nothing left.
const assert = require('node:assert')
const { Kafka, logLevel } = require('kafkajs')

const [bootstrap, topic] = process.argv.slice(2)
const PARTITIONS = 4
const ROUND = 400
const PATIENCE_MS = 40000

const kafka = new Kafka({ clientId: 'group', brokers: [bootstrap], logLevel: logLevel.NOTHING })
const seen = new Map()
let produced = 0

async function member(groupId) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  // A member may leave between two batches, and never inside one: a batch is processed and committed, or is not.
  await consumer.run({
    eachBatchAutoResolve: true,
    autoCommit: true,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const place = `${batch.partition}:${message.offset}`
        seen.set(place, (seen.get(place) || 0) + 1)
      }
    },
  })
  return consumer
}

async function produce(producer) {
  await producer.send({
    topic,
    messages: Array.from({ length: ROUND }, (_, i) => ({ partition: i % PARTITIONS, value: `value ${i}` })),
  })
  produced += ROUND
}

async function until(condition, what) {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    assert(Date.now() < deadline, `${what}: ${seen.size} of ${produced}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  console.log(`${what}: ${seen.size} processed`)
}

async function main() {
  const admin = kafka.admin()
  const producer = kafka.producer()
  await admin.connect()
  await producer.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
  const group = `${topic}-group`
  const all = () => seen.size === produced
  const members = async count => {
    const { groups } = await admin.describeGroups([group])
    return groups[0].state === 'Stable' && groups[0].members.length === count
  }
  const first = await member(group)
  await produce(producer)
  await until(all, 'one member')
  const second = await member(group)
  await until(() => members(2), 'two members are stable')
  await produce(producer)
  await until(all, 'two members')
  await first.disconnect()
  await until(() => members(1), 'the first has left')
  await produce(producer)
  await until(all, 'the second alone')
  await second.disconnect()
  const offsets = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  const committed = offsets[0].partitions.reduce((sum, each) => sum + Number(each.offset), 0)
  assert.strictEqual(committed, produced)
  const third = await member(group)
  await until(() => members(1), 'a third has come')
  await produce(producer)
  await until(all, 'the third')
  await third.disconnect()
  for (const [place, times] of seen) assert.strictEqual(times, 1, `${place} was processed ${times} times`)
  await admin.deleteGroups([group])
  await admin.disconnect()
  await producer.disconnect()
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  }
)
