import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeKey, type StippleError } from '../../../core/index.js'
import { latestCheckpoint, quietContext, saveCheckpoint } from '../../../pipelines/run/index.js'

/**
 * As a child whose files may not grow beyond some kB: one checkpoint that fits, one that does not; says what is left.
 */
const out = process.argv[2]
const zeros = (n: number) => ({ weights: { shape: [n], values: new Float32Array(n) } })
await saveCheckpoint(out, { step: 10, tensors: zeros(8), metadata: {} })
try {
  await saveCheckpoint(out, { step: 20, tensors: zeros(100_000), metadata: {} })
} catch (error) {
  const { exitCode, message } = error as StippleError
  const left = await latestCheckpoint(out, quietContext(makeKey(0)).log)
  console.log(JSON.stringify({ exitCode, message, step: left?.step, files: readdirSync(join(out, 'checkpoints')) }))
}
