import { type Key, UsageError, uniform } from '../../core/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { heaviest } from '../../io/galaxies/index.js'
import { drawCount, leastThreshold, type MarksModel, meanCount } from './marks/index.js'
import { lnDensityAt, massAt } from './marks/massFunction.js'
import { termsAt } from './marks/thetaSpace.js'

type Theta = Readonly<Record<string, number>>

/** Fewer halos than this, on average, are no field. */
const fewest = 10

/** Above which mass halos count, and where. */
export interface CountedHalos {
  /** log10 Msun/h */
  readonly threshold: number
  /** (Mpc/h)^3 */
  readonly volume: number
}

/**
 * Numbers of halos above a mass, one draw a theta from p(N | theta, threshold).
 *
 * @throws UsageError where at one of the thetas the threshold lies below the lightest halos that the model knows,
 *   naming the least that holds at all of them; or so high that hardly a halo is left
 */
export function countsAbove(
  marks: MarksModel,
  thetas: readonly Theta[],
  { threshold, volume }: CountedHalos,
  key: Key,
): number[] {
  const least = Math.max(...thetas.map(theta => leastThreshold(marks, theta, true)))
  if (!(threshold >= least)) {
    throw new UsageError(
      `expected --log-mass-min ${roundedUp(least)} or more (log10 Msun/h), the lightest halos that the model knows at these parameters`,
      `got ${threshold}`,
      'raise it, or draw --points instead',
    )
  }
  const ask = (theta: Theta) => ({ threshold, volume, theta, extrapolate: true })
  const rarest = thetas.reduce((a, b) => (meanCount(marks, ask(a)) < meanCount(marks, ask(b)) ? a : b))
  if (meanCount(marks, ask(rarest)) < fewest) {
    const most = massAt(marks.mass, termsAt(marks.theta, rarest, true))(Math.log(fewest / volume))
    throw new UsageError(
      `expected --log-mass-min below ${(Math.floor(most * 1000) / 1000).toFixed(3)} (log10 Msun/h), where ${fewest} halos are left on average`,
      `got ${threshold}`,
      'lower it, or draw in a larger --box',
    )
  }
  return thetas.map((theta, i) => Math.max(2, drawCount(marks, key.split(i), ask(theta))))
}

function roundedUp(mass: number): string {
  return (Math.ceil(mass * 1000) / 1000).toFixed(3)
}

/**
 * The heaviest `count` halos of a drawn field (heaviest first) as all those above a threshold: which they are the field
 * says, how heavy they are the mass function above the threshold, for it is their number that was drawn.
 */
export function heaviestAbove(
  field: Field,
  marks: MarksModel,
  { count, threshold }: { readonly count: number; readonly threshold: number },
  key: Key,
): Field {
  const terms = termsAt(marks.theta, field.theta, true)
  const of = massAt(marks.mass, terms)
  const all = lnDensityAt(marks.mass, terms, threshold)
  const kept = heaviest(field, count)
  const logMass = Float32Array.from(uniform(key, kept.points), u => Math.max(threshold, of(all + Math.log(u))))
  return { ...kept, logMass: logMass.sort().reverse() }
}
