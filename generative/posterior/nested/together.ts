import type { CubeLikelihood, NestedPoint } from './points.js'

/** A chain that yields the points it wants the likelihood of, one at a time, is answered with them, and ends at one. */
export type Walk = Generator<Float64Array, NestedPoint, NestedPoint>

/**
 * Runs walks side by side: the likelihood is asked for the next point of all of them at once, until the last has ended.
 */
export async function walkTogether(
  walks: readonly Walk[],
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
