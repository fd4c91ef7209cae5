import { type Key, normal, UsageError } from '../../core/index.js'
import { asTarget, type Density } from './asTarget.js'
import type { Chains } from './chains.js'
import { type Diagnosis, diagnose } from './diagnose.js'
import type { Target } from './target.js'

/** What a run by a plain log-density needs and may choose. */
export interface ChainRequest {
  readonly key: Key
  /** coordinates of a point; a `Target` has its own */
  readonly dim?: number
  /** chains or walkers; the default depends on the sampler */
  readonly chains?: number
  /** `[chains, dim]`, each where the density is positive; default: draws of N(0, I) where it is */
  readonly start?: Float64Array
  /** of the coordinates, for the words of the diagnosis */
  readonly names?: readonly string[]
  /** worker threads of a tfjs program; default 1 */
  readonly threads?: number
}

/** Chains, and whether to believe them. The rows of `draws` are the draws. */
export interface DiagnosedChains extends Chains {
  readonly diagnosis: Diagnosis
}

/** A sampler that leaves chains, by either call. */
export interface ChainSampler<Options> {
  /** From any log-density, with defaults that work; diagnosed. */
  (density: Density, request: ChainRequest & Partial<Options>): Promise<DiagnosedChains>
  /** From a target and given starts, `[chains, dim]`; without a diagnosis. */
  (target: Target, start: Float64Array, key: Key, options: Options): Promise<Chains>
}

export interface ChainSamplerKind<Options> {
  sample(target: Target, start: Float64Array, key: Key, options: Options): Promise<Chains>
  /** what a request leaves open */
  defaults(dim: number): { readonly chains: number; readonly options: Options }
  /** below which R-hat chains of the usual length count as agreeing; default that of `diagnose` */
  readonly rhatBelow?: number
}

/** Both calls of a sampler from the one that takes everything. */
export function chainSampler<Options>({
  sample,
  defaults,
  rhatBelow,
}: ChainSamplerKind<Options>): ChainSampler<Options> {
  async function request(density: Density, given: ChainRequest & Partial<Options>): Promise<DiagnosedChains> {
    const { key, dim, names, threads } = given
    // One compiled call serves all chains.
    const target = await asTarget(density, dim, { threads, rows: given.chains ?? defaults(dim ?? 1).chains })
    try {
      const usual = defaults(target.dim)
      const start = given.start ?? (await findStarts(target, given.chains ?? usual.chains, key.split('start')))
      const chains = await sample(target, start, key, { ...usual.options, ...given })
      return { ...chains, diagnosis: diagnose(chains, { names, ...(rhatBelow !== undefined && { rhatBelow }) }) }
    } finally {
      await target.close()
    }
  }
  function either(density: Density, given: ChainRequest & Partial<Options>): Promise<DiagnosedChains>
  function either(target: Target, start: Float64Array, key: Key, options: Options): Promise<Chains>
  function either(
    ...args: [Density, ChainRequest & Partial<Options>] | [Target, Float64Array, Key, Options]
  ): Promise<Chains> {
    return args.length === 2 ? request(...args) : sample(...args)
  }
  return either
}

const startRounds = 100

/**
 * Draws of N(0, I) where the density is positive.
 *
 * @throws UsageError where hardly any is
 */
async function findStarts(target: Target, count: number, key: Key): Promise<Float64Array> {
  const { dim } = target
  const found = new Float64Array(count * dim)
  let done = 0
  for (let round = 0; round < startRounds; round++) {
    const rows = Float64Array.from(normal(key.split(round), count * dim))
    const logs = await target.logDensity(rows)
    for (let row = 0; row < count && done < count; row++) {
      if (Number.isFinite(logs[row])) found.set(rows.subarray(row * dim, (row + 1) * dim), done++ * dim)
    }
    if (done === count) return found
  }
  throw new UsageError(
    `expected a density among ${startRounds * count} draws of N(0, I) to start ${count} chains from`,
    `got ${done}`,
    'give `start`, or write the density in the standard normal coordinates of its prior (`posteriorTarget`)',
  )
}
