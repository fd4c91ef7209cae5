import type { ArrayValue } from '../../../core/index.js'
import type { MethodReader } from '../../../generative/sbi/index.js'
import { makeEmbedding } from '../../../gnn/embeddings/index.js'
import type { PosteriorConfig } from './config.js'
import { contextFeatures, type FieldView, pointFeatures, seenPoints } from './fieldView.js'

/** What views are standardised with: mean and standard deviation of each feature over the fields trained on. */
export interface ViewScale {
  readonly points: { readonly mean: Float32Array; readonly deviation: Float32Array }
  readonly context: { readonly mean: Float32Array; readonly deviation: Float32Array }
}

export function measureScale(views: readonly FieldView[]): ViewScale {
  return {
    points: momentsOf(
      views.map(({ points }) => points),
      pointFeatures,
    ),
    context: momentsOf(
      views.map(({ context }) => context),
      contextFeatures,
    ),
  }
}

function momentsOf(tables: readonly Float32Array[], width: number): ViewScale['points'] {
  const [sum, square] = [new Float64Array(width), new Float64Array(width)]
  let rows = 0
  for (const table of tables)
    for (let at = 0; at < table.length; at += width, rows++)
      for (let c = 0; c < width; c++) {
        sum[c] += table[at + c]
        square[c] += table[at + c] ** 2
      }
  const mean = Float32Array.from(sum, x => x / rows)
  // A feature that does not vary, as the box's volume in one box, is passed on as it is.
  const deviation = Float32Array.from(square, (x, c) => Math.sqrt(Math.max(0, x / rows - mean[c] ** 2)) || 1)
  return { mean, deviation: deviation.map((d, c) => (d < 1e-5 * Math.max(1, Math.abs(mean[c])) ? 1 : d)) }
}

/** Fields by their views, standardised: neighbourhoods pooled into a summary beside statistics of the whole field. */
export function viewReader({ embedding }: PosteriorConfig, scale: ViewScale): MethodReader<FieldView> {
  const embed = makeEmbedding({ kind: 'deep-sets', ...embedding, features: pointFeatures, conditions: contextFeatures })
  return {
    encode: views => standardisedViews(views, scale),
    summary: {
      outputs: embedding.outputs,
      init: embed.init,
      apply: (params, { points, context }) =>
        embed.apply(params, { positions: points, features: points, condition: context }),
    },
  }
}

/** Views as one batch; all look at as many points. */
function standardisedViews(views: readonly FieldView[], scale: ViewScale): Record<'points' | 'context', ArrayValue> {
  const count = views[0].rows?.length ?? seenPoints
  const points = new Float32Array(views.length * count * pointFeatures)
  const context = new Float32Array(views.length * contextFeatures)
  for (const [row, view] of views.entries()) {
    for (let p = 0; p < count; p++) {
      const from = (view.rows ? view.rows[p] : p) * pointFeatures
      const to = (row * count + p) * pointFeatures
      for (let c = 0; c < pointFeatures; c++)
        points[to + c] = (view.points[from + c] - scale.points.mean[c]) / scale.points.deviation[c]
    }
    for (let c = 0; c < contextFeatures; c++)
      context[row * contextFeatures + c] = (view.context[c] - scale.context.mean[c]) / scale.context.deviation[c]
  }
  return {
    points: { shape: [views.length, count, pointFeatures], values: points },
    context: { shape: [views.length, contextFeatures], values: context },
  }
}
