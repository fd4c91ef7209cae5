import { timesLower } from '../cholesky.js'
import type { RandomStream } from '../randomStream.js'
import type { Ellipsoid } from './ellipsoid.js'
import type { CubeLikelihood, NestedPoint } from './nestedPoint.js'

/** A chain that yields the points it wants the likelihood of, one at a time, is answered with them, and ends at one. */
export type ConstrainedWalk = Generator<Float64Array, NestedPoint, NestedPoint>

/** Where a walk begins and what bounds it. */
export interface WalkSetting {
  readonly start: NestedPoint
  /** the likelihood stays above this */
  readonly above: number
  /** steps have the shapes of these ellipsoids */
  readonly bound: readonly Ellipsoid[] | undefined
  readonly random: RandomStream
}

/**
 * Runs walks side by side: the likelihood is asked for the next point of all of them at once, until the last has ended.
 */
export async function runWalks(
  walks: readonly ConstrainedWalk[],
  likelihood: CubeLikelihood,
  birth: number,
): Promise<NestedPoint[]> {
  const ends = new Array<NestedPoint>(walks.length)
  let going = walks.map((walk, i) => ({ walk, i, step: walk.next() }))
  for (;;) {
    for (const { step, i } of going) if (step.done) ends[i] = step.value
    going = going.filter(({ step }) => !step.done)
    if (going.length === 0) return ends
    const wanted = going.map(({ step }) => step.value as Float64Array)
    const answers = await likelihood.ask(wanted, birth)
    going = going.map(({ walk, i }, at) => ({ walk, i, step: walk.next(answers[at]) }))
  }
}

/** Points to begin at, none twice before all have been taken. */
export function walkStarts(known: readonly NestedPoint[], count: number, random: RandomStream): NestedPoint[] {
  const out: NestedPoint[] = []
  while (out.length < count) {
    const order = Array.from(known)
    for (let i = 0; i < order.length && out.length < count; i++) {
      const j = i + random.integer(order.length - i)
      const held = order[i]
      order[i] = order[j]
      order[j] = held
      out.push(order[i])
    }
  }
  return out
}

/**
 * A step in the shape of one of the ellipsoids, drawn without regard to where the chain is: with the ellipsoid that the
 * point lies in, the walk would not leave the prior as it is (a banana's evidence came out a standard error too large).
 * Without ellipsoids the step is as it was.
 */
export function shapedStep(
  bound: readonly Ellipsoid[] | undefined,
  y: Float64Array,
  random: RandomStream,
): Float64Array {
  return bound ? timesLower(bound[random.integer(bound.length)].axes, y, new Float64Array(y.length)) : y
}
