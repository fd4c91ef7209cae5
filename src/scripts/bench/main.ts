import { messageOf, StippleError, UsageError } from '../../core/index.js'
import { peerPython } from './peer.js'
import type { BenchLine } from './trainingStep.js'

/** Every benchmark by name; a new one is one line. Loaded when asked for, so that one does not wait for what another needs. */
const benches: Readonly<Record<string, () => Promise<AsyncIterable<BenchLine> | BenchLine>>> = {
  knn: async () => (await import('./knn.js')).knnBench(),
  'transformer-step': async () => (await import('./transformerStep.js')).transformerStep(),
  'gnn-step': async () => (await import('./gnnStep.js')).gnnStep(),
}

/** `npm run bench -- NAME…`: one JSON line a measurement on stdout, all benchmarks where none is named; the rest goes to stderr. */
async function main(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!Object.hasOwn(benches, name)) {
      throw new UsageError('expected names of benchmarks', `got ${name}`, `choose from ${Object.keys(benches).join(', ')}`)
    }
  }
  if (!peerPython()) {
    console.error(
      'no peers: STIPPLE_PEERS does not name the bin folder of a Python environment, so only our own times follow',
    )
  }
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const lines = await benches[name]()
    if (Symbol.asyncIterator in lines) for await (const line of lines) console.log(JSON.stringify(line))
    else console.log(JSON.stringify(lines))
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`stipple: ${messageOf(error)}`)
  process.exitCode = error instanceof StippleError ? error.exitCode : 1
}
