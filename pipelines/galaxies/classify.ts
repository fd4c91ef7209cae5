import type { Key } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import {
  type Channels,
  type FieldPair,
  neighboursDescribed,
  type TwoSampleTest,
  twoSampleDefaults,
  twoSampleTest,
} from '../../statistics/classifier/index.js'
import type { RunContext } from '../run/context.js'
import type { Grouping } from './populations.js'

/** A classifier's verdict on a grouping of fields. */
export interface Classified {
  readonly population: string
  /** what it saw: positions, or velocities and masses too */
  readonly channels: Channels
  readonly drawn: TwoSampleTest
  /**
   * one half of the simulated fields against the other, where one cosmology has eight or more: what no difference looks
   * like
   */
  readonly halves?: TwoSampleTest
}

/** So many pairs of fields let a classifier train on some and be tried on others. */
const leastPairs = 4

/** The two-sample test of each grouping with four pairs of fields or more; the others are left out, said in `log`. */
export async function classifyAll(
  groupings: readonly Grouping[],
  threads: number,
  context: RunContext,
): Promise<Classified[]> {
  const able = groupings.filter(grouping => {
    const enough = pairsOf(grouping).length >= leastPairs
    const crowded = fieldsOf(grouping).every(field => field.points > neighboursDescribed)
    if (!enough || !crowded)
      context.log.info(
        `no classifier for ${grouping.name}: it wants ${leastPairs} pairs of fields and ${neighboursDescribed + 1} points in each`,
      )
    return enough && crowded
  })
  const progress = context.progress(able.length, 'training classifiers')
  const found: Classified[] = []
  try {
    for (const grouping of able) {
      found.push(...(await classify(grouping, threads, context.key.split('classifier'), context.signal)))
      progress.advance()
    }
  } finally {
    progress.stop()
  }
  return found
}

async function classify(grouping: Grouping, threads: number, key: Key, signal: AbortSignal): Promise<Classified[]> {
  const pairs = pairsOf(grouping)
  const all = fieldsOf(grouping).every(field => field.velocities !== undefined && field.logMass !== undefined)
  const halves = halvesOf(grouping)
  const found: Classified[] = []
  for (const channels of all ? (['positions', 'all'] as const) : (['positions'] as const)) {
    const options = { ...twoSampleDefaults, channels, threads }
    signal.throwIfAborted()
    const drawn = await twoSampleTest(pairs, options, key)
    signal.throwIfAborted()
    const baseline = halves.length >= leastPairs ? await twoSampleTest(halves, options, key.split('halves')) : undefined
    found.push({ population: grouping.name, channels, drawn, ...(baseline && { halves: baseline }) })
  }
  return found
}

function fieldsOf({ cosmologies }: Grouping): Field[] {
  return cosmologies.flatMap(({ samples, references }) => [...samples, ...references])
}

/** Drawn and simulated fields of a theta side by side; what one side has more of is left out. */
function pairsOf({ cosmologies }: Grouping): FieldPair[] {
  return cosmologies.flatMap(({ samples, references }) =>
    samples.slice(0, references.length).map((drawn, at) => ({ drawn, simulated: references[at] })),
  )
}

/** Of one cosmology: the first half of its simulated fields beside the second. */
function halvesOf({ cosmologies }: Grouping): FieldPair[] {
  if (cosmologies.length > 1) return []
  const { references } = cosmologies[0]
  const half = Math.floor(references.length / 2)
  return references.slice(0, half).map((drawn, at) => ({ drawn, simulated: references[half + at] }))
}
