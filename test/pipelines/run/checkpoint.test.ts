import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { DataError } from '../../../core/index.js'
import {
  type Checkpoint,
  checkpointPath,
  checkpointSteps,
  latestCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from '../../../pipelines/run/index.js'

const silent = { info() {}, warn() {}, debug() {} }

function checkpointAt(step: number): Checkpoint {
  return {
    step,
    tensors: {
      weights: { shape: [2, 3], values: Float32Array.from({ length: 6 }, (_, i) => step + i / 7) },
      counts: { shape: [2], values: Int32Array.of(step, -1) },
      bits: { shape: [3], values: Uint8Array.of(1, 0, 1) },
    },
    metadata: { note: 'kept' },
  }
}

t.test('what is read is what was written; equal checkpoints are equal bytes; nothing else is left', async t => {
  const [a, b] = [t.testdir({ a: {}, b: {} })].flatMap(dir => [join(dir, 'a'), join(dir, 'b')])
  const path = await saveCheckpoint(a, checkpointAt(3))
  t.same(readCheckpoint(path), checkpointAt(3))
  t.ok(readFileSync(await saveCheckpoint(b, checkpointAt(3))).equals(readFileSync(path)))
  t.same(readdirSync(join(a, 'checkpoints')), ['step-00000003.safetensors'])
})

t.test('the last two are kept; those beyond a run that went back are taken away', async t => {
  const dir = t.testdir({})
  for (const step of [10, 20, 30]) await saveCheckpoint(dir, checkpointAt(step))
  t.same(await checkpointSteps(dir), [20, 30])
  await saveCheckpoint(dir, checkpointAt(25))
  t.same(await checkpointSteps(dir), [20, 25])
  t.equal((await latestCheckpoint(dir, silent))?.step, 25)
})

t.test(
  'law: cut short at any length or with any byte changed, it is found out, and the one before is taken',
  async t => {
    const dir = t.testdir({})
    await saveCheckpoint(dir, checkpointAt(10))
    const path = await saveCheckpoint(dir, checkpointAt(20))
    const whole = readFileSync(path)
    const warnings: string[] = []
    const log = { ...silent, warn: (text: string) => warnings.push(text) }
    const spoilt = [
      ...Array.from({ length: 24 }, (_, i) => whole.subarray(0, Math.floor((whole.length * i) / 24))),
      ...Array.from({ length: 24 }, (_, i) => {
        const bytes = Buffer.from(whole)
        bytes[bytes.length - 1 - i] ^= 1
        return bytes
      }),
      Buffer.concat([whole, Buffer.of(0)]),
    ]
    for (const bytes of spoilt) {
      writeFileSync(path, bytes)
      t.throws(() => readCheckpoint(path), DataError)
      t.equal((await latestCheckpoint(dir, log))?.step, 10)
    }
    t.equal(warnings.length, spoilt.length)
    t.match(
      warnings[0],
      /step-00000020\.safetensors; got .*; going on from the one before, .*step-00000010\.safetensors/,
    )
  },
)

t.test('none whole: an error that names the file, exit code 3; none at all: nothing', async t => {
  const dir = t.testdir({})
  t.equal(await latestCheckpoint(dir, silent), undefined)
  truncateSync(await saveCheckpoint(dir, checkpointAt(10)), 30)
  await t.rejects(latestCheckpoint(dir, silent), { exitCode: 3, message: /step-00000010\.safetensors/ })
})

t.test('a checkpoint that cannot be written leaves the one before whole', async t => {
  const dir = t.testdir({})
  await saveCheckpoint(dir, checkpointAt(10))
  const impossible = { ...checkpointAt(20), tensors: { bad: { shape: [7], values: new Float32Array(3) } } }
  await t.rejects(saveCheckpoint(dir, impossible))
  t.notOk(existsSync(checkpointPath(dir, 20)))
  t.same(await latestCheckpoint(dir, silent), checkpointAt(10))
})

const limits = process.platform === 'win32' ? 'no limit on the size of files on this system' : false

t.test(
  'no room for a checkpoint: an error of one line, the one before whole, nothing half-written',
  { skip: limits },
  async t => {
    const out = t.testdir({})
    const program = fileURLToPath(new URL('./fillDisk.js', import.meta.url))
    // The kernel refuses to let a file grow beyond a few kB, as it does on a full disk, in the middle of a write.
    // Without the environment: what the test runner hangs into a child writes files of its own.
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'trap "" XFSZ; ulimit -f 16 && exec env -i "$0" "$1" "$2"',
      process.execPath,
      program,
      out,
    ])
    const { message, ...rest } = JSON.parse(stdout)
    t.same(rest, { exitCode: 1, step: 10, files: ['step-00000010.safetensors'] })
    t.match(message, /^expected to write .*step-00000020\.safetensors; got [^\n]+; [^\n]+$/)
  },
)
