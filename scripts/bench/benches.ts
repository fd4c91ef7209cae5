import { UsageError } from '../../core/index.js'
import { nearest } from '../../pipelines/run/nearest.js'
import type { BenchLine } from './benchLine.js'

/**
 * Every benchmark by name; a new one is one line. Each is loaded when it is run, so that none waits for the modules of
 * another.
 */
const benches: Readonly<Record<string, () => Promise<AsyncIterable<BenchLine> | BenchLine>>> = {
  knn: async () => (await import('./knn.js')).knnBench(),
  'transformer-step': async () => (await import('./networkSteps.js')).transformerStep(),
  npe: async () => (await import('./npe.js')).npeBench(),
  'npe-training': async () => (await import('./npeTraining.js')).npeTraining(),
  nested: async () => (await import('./nested.js')).nestedBench(),
  'gnn-step': async () => (await import('./networkSteps.js')).gnnStep(),
  nuts: async () => (await import('./nutsSampling.js')).nutsSampling(),
}

/**
 * Runs the named benchmarks one after another, or all where none is named.
 *
 * @throws UsageError for an unknown name, before any is run
 */
export async function* runBenches(names: readonly string[]): AsyncGenerator<BenchLine> {
  const known = Object.keys(benches)
  for (const name of names) {
    if (Object.hasOwn(benches, name)) continue
    throw new UsageError(
      `expected benchmarks of ${known.join(', ')}`,
      `got ${name}`,
      `did you mean ${nearest(name, known)}?`,
    )
  }
  for (const name of names.length > 0 ? names : known) {
    const lines = await benches[name]()
    if (Symbol.asyncIterator in lines) yield* lines
    else yield lines
  }
}
