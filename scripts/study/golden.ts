import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WorkError } from '../../core/index.js'
import { writeSafetensors } from '../../io/index.js'
import { goldenDraws } from './goldenDraws.js'
import { print } from './print.js'

const own = fileURLToPath(new URL('../stipple.js', import.meta.url))

/**
 * `npm run study -- golden [STIPPLE.JS]`: writes test/golden/draws.safetensors by the build named, or by this one. Done
 * before a redesign that is to change no answer, by the build from before; a test compares. The processor is named in
 * it, for other kinds give other last digits.
 */
export async function golden(): Promise<void> {
  const stipple = process.argv[3] ?? own
  const folder = await mkdtemp(join(tmpdir(), 'stipple-golden-'))
  try {
    const tensors = await goldenDraws(async args => {
      const child = spawn(process.execPath, [stipple, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
      const [code] = (await once(child, 'close')) as [number | null]
      if (code !== 0) throw new WorkError(`expected ${args.join(' ')} to work`, `got exit code ${code}`, 'see above')
    }, folder)
    const path = fileURLToPath(new URL('../../../test/golden/draws.safetensors', import.meta.url))
    writeSafetensors(path, tensors, { cpu: cpus()[0]?.model ?? '' })
    print(`${Object.keys(tensors).length} tensors in ${path}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
