import type { Field } from '../../io/galaxies/field.js'
import { fiducial } from '../../simulators/index.js'
import {
  againstScatter,
  type CorrelationTest,
  type CurveSummary,
  correlationResponse,
  correlationTest,
  type FieldStatistics,
  groupByCosmology,
  type JudgedCurve,
  type ResponseBin,
  type StatisticsPair,
  summaryOf,
} from '../../statistics/index.js'

/**
 * Fields that are judged together: one cosmology that was simulated several times, or several cosmologies on average.
 */
export interface Grouping {
  readonly name: string
  /** where it is one cosmology */
  readonly theta?: Field['theta']
  /** drawn and simulated fields at the same theta; one entry a cosmology */
  readonly cosmologies: readonly { readonly samples: readonly Field[]; readonly references: readonly Field[] }[]
}

/** What is found of a grouping. */
export interface Population {
  readonly name: string
  readonly theta?: Field['theta']
  readonly cosmologies: number
  readonly fields: { readonly drawn: number; readonly simulated: number }
  readonly curves: Readonly<Record<string, JudgedCurve>>
  readonly summary: Readonly<Record<string, CurveSummary>>
  readonly xi: CorrelationTest
  /** how xi follows theta, over four cosmologies and more */
  readonly response: readonly ResponseBin[]
  /** xi at each cosmology, where there are several */
  readonly each: readonly { readonly theta: Field['theta']; readonly xi: JudgedCurve }[]
}

/** So many simulated fields of one cosmology know their own scatter to some 40%, and are judged by themselves. */
const leastRepeats = 4

/**
 * Drawn and simulated fields paired by theta: each cosmology with four simulated fields and more by itself, all others
 * on average. What has no partner at its theta is left out; where nothing has one, there is no grouping.
 */
export function groupingsOf(samples: readonly Field[], references: readonly Field[]): Grouping[] {
  const paired = groupByCosmology(samples, references).filter(group => group.references.length > 0)
  const repeated = paired.filter(group => group.references.length >= leastRepeats)
  const single = paired.filter(group => group.references.length < leastRepeats)
  const alone = (group: (typeof paired)[number]): Grouping => {
    const { theta } = group.references[0]
    return { name: nameOf(theta), theta, cosmologies: [group] }
  }
  if (single.length < 2) return [...repeated, ...single].map(alone)
  return [...repeated.map(alone), { name: `${single.length} cosmologies`, cosmologies: single }]
}

function nameOf(theta: Field['theta']): string {
  const known = Object.entries(theta).filter(([name]) => name in fiducial)
  const isFiducial = known.every(([name, value]) => Math.abs(value - fiducial[name as keyof typeof fiducial]) < 1e-4)
  if (isFiducial && known.length > 0) return 'fiducial'
  const { omega_m, sigma_8 } = theta
  return omega_m === undefined || sigma_8 === undefined
    ? 'one cosmology'
    : `omega_m ${omega_m.toFixed(4)}, sigma_8 ${sigma_8.toFixed(4)}`
}

/** Judges a grouping by the statistics of its fields. */
export function judge(grouping: Grouping, statisticsOf: (field: Field) => FieldStatistics): Population {
  const pairs: StatisticsPair[] = grouping.cosmologies.map(({ samples, references }) => ({
    samples: samples.map(statisticsOf),
    references: references.map(statisticsOf),
  }))
  const curves = againstScatter(pairs)
  const count = (side: 'samples' | 'references') => pairs.reduce((sum, pair) => sum + pair[side].length, 0)
  return {
    name: grouping.name,
    theta: grouping.theta,
    cosmologies: pairs.length,
    fields: { drawn: count('samples'), simulated: count('references') },
    curves,
    summary: Object.fromEntries(Object.entries(curves).map(([name, curve]) => [name, summaryOf(curve)])),
    xi: correlationTest(curves.xi),
    response: correlationResponse(pairs),
    each:
      pairs.length === 1
        ? []
        : pairs.map((pair, at) => ({
            theta: grouping.cosmologies[at].references[0].theta,
            xi: againstScatter([{ samples: pair.samples.map(xiAlone), references: pair.references.map(xiAlone) }]).xi,
          })),
  }
}

function xiAlone({ xi }: FieldStatistics): FieldStatistics {
  return { xi }
}
