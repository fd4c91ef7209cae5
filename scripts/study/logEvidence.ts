import { makeKey } from '../../core/index.js'
import { type NestedRun, sampleNested, sampleNestedDynamically, slices } from '../../generative/posterior/index.js'
import { evidenceTargets } from '../bench/evidenceTargets.js'
import { print } from './print.js'

/**
 * `npm run study -- log-evidence [seeds] [live]`: nested sampling's ln Z on a correlated Gaussian and a banana, with so
 * many seeds (default 20) and points alive (default 200), static, dynamic and by slices: how often the truth lies
 * within two of its own errors, and whether these errors match the spread over seeds.
 */
export async function logEvidence(): Promise<void> {
  const [, seeds = '20', alive = '200'] = process.argv.slice(2)
  const live = Number(alive)
  print(
    `ln Z in ${seeds} seeds, ${live} points alive: within two errors, mean, spread, error, lowest p of the insertion ranks`,
  )
  for (const [name, { likelihood, fromCube, logZ }] of Object.entries(evidenceTargets)) {
    const ways: Readonly<Record<string, (seed: number) => Promise<NestedRun>>> = {
      static: seed => sampleNested(likelihood, makeKey(seed), { live, fromCube }),
      dynamic: seed =>
        sampleNestedDynamically(likelihood, makeKey(seed), {
          live: live / 2,
          fromCube,
          goal: 0.5,
          effectiveSampleSize: 5 * live,
        }),
      slices: seed => sampleNested(likelihood, makeKey(seed), { live, fromCube, proposal: slices() }),
    }
    for (const [way, run] of Object.entries(ways)) {
      const runs: NestedRun[] = []
      for (let seed = 0; seed < Number(seeds); seed++) runs.push(await run(seed))
      const logs = runs.map(one => one.logZ)
      const mean = average(logs)
      const spread = Math.sqrt((average(logs.map(log => (log - mean) ** 2)) * logs.length) / (logs.length - 1))
      const held = runs.filter(one => Math.abs(one.logZ - logZ) < 2 * one.logZError).length
      const error = average(runs.map(one => one.logZError))
      const least = Math.min(...runs.map(one => one.insertion.p))
      print(
        `${name.padEnd(9)} ${way.padEnd(8)} ${held}/${runs.length}  ${mean.toFixed(3)} (truth ${logZ.toFixed(3)})  ${spread.toFixed(3)}  ${error.toFixed(3)}  ${least.toFixed(3)}`,
      )
    }
  }
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
