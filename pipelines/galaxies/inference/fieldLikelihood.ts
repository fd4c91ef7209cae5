import { type Key, UsageError } from '../../../core/index.js'
import { type QuadraticForm, quadraticForm, type ScoreLikelihood } from '../../../generative/pairs/index.js'
import { basisIn, makeMomentsPool } from '../../../gnn/pairs/index.js'
import type { GalaxiesModel } from '../model.js'

/** A field as the likelihood sees it: positions alone, Mpc/h. */
export interface ObservedField {
  /** `[points, 3]` */
  readonly positions: Float32Array
  readonly box: readonly (number | null)[]
}

export interface FieldLikelihoodOptions {
  /** draws of noise; the error of the bound falls with their root */
  readonly draws: number
  readonly threads: number
  readonly key: Key
  readonly signal?: AbortSignal
  readonly onDraw?: () => void
}

/**
 * What the pair score of a model says of theta given one field, as a quadratic form of the theta terms
 * (`ScoreLikelihood`): some 1.5 s of one core a draw for 5,000 points. The same bytes whatever the thread count.
 *
 * @throws UsageError for a model without a pair score
 */
export async function fieldLikelihood(
  model: GalaxiesModel,
  field: ObservedField,
  { draws, threads, key, signal, onDraw }: FieldLikelihoodOptions,
): Promise<ScoreLikelihood> {
  const { pairs } = model
  if (!pairs)
    throw new UsageError(
      'expected a model with a pair score for a likelihood',
      'got one without',
      'use the shipped model, or train with pairs.use',
    )
  const { basis, score } = pairs
  const [x, y, z] = field.box
  if (!x || !y || !z)
    throw new UsageError(
      'expected a field in a periodic box for a likelihood',
      `got ${JSON.stringify(field.box)}`,
      'cut a periodic field, or use --method npe',
    )
  const pool = makeMomentsPool(basisIn(basis, [x, y, z]), 1, { threads: Math.min(threads, draws), signal })
  try {
    const forms = await Promise.all(
      Array.from({ length: draws }, async (_, draw): Promise<QuadraticForm> => {
        const moments = await pool.momentsOf(field.positions, score.sigmas, key.split('likelihood').split(draw))
        onDraw?.()
        return quadraticForm(score, moments)
      }),
    )
    return { theta: score.theta, draws: forms }
  } finally {
    await pool.close()
  }
}
