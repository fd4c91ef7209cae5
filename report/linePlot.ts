import * as Plot from '@observablehq/plot'
import { faint, ink, lineColours } from './style.js'
import { type AxisOptions, drawFigure, errorBars } from './svg.js'

/** A line of points with an optional error each. */
export interface Line {
  readonly label: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly error?: readonly number[]
  /** also draw a dot at each point */
  readonly dots?: boolean
  /** a pale line of every point under a running mean over this share of them: for a noisy loss */
  readonly smooth?: number
}

/** Lines and the axes that they share. */
export interface LinePlotOptions {
  readonly description: string
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly lines: readonly Line[]
  readonly rule?: number
  readonly width?: number
  readonly height?: number
  readonly marginLeft?: number
}

/** Several lines in one frame, named in a key at the top right, each in its colour. */
export function linePlot(options: LinePlotOptions): string {
  const marks: Plot.Markish[] = []
  if (options.rule !== undefined) marks.push(Plot.ruleY([options.rule], { stroke: faint }))
  const log = options.x.type === 'log'
  const [low, high] = options.y.domain ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  // What leaves the frame is dropped last of all; a clip path would need an identity of its own on the page.
  const shown = <T extends Point>(points: readonly T[], most: number) =>
    thinned(
      points.filter(({ y }) => y >= low && y <= high),
      most,
    )
  for (const [at, line] of options.lines.entries()) {
    const stroke = lineColours[at % lineColours.length]
    const points = line.x.flatMap((x, i) => {
      const y = line.y[i]
      return Number.isFinite(y) && (!log || x > 0) ? [{ x, y, error: line.error?.[i] ?? Number.NaN }] : []
    })
    if (line.smooth !== undefined && points.length > 20) {
      marks.push(Plot.line(shown(points, 800), { x: 'x', y: 'y', stroke, strokeOpacity: 0.28, strokeWidth: 1 }))
      marks.push(Plot.line(shown(runningMean(points, line.smooth), 400), { x: 'x', y: 'y', stroke, strokeWidth: 1.9 }))
      continue
    }
    const withError = points.filter(p => Number.isFinite(p.error))
    marks.push(errorBars(withError, { x: 'x', low: p => p.y - p.error, high: p => p.y + p.error, stroke }))
    marks.push(Plot.line(shown(points, 800), { x: 'x', y: 'y', stroke, strokeWidth: 1.8 }))
    if (line.dots) marks.push(Plot.dot(points, { x: 'x', y: 'y', fill: stroke, r: 3 }))
  }
  if (options.lines.length > 1)
    for (const [at, line] of options.lines.entries())
      marks.push(
        Plot.text([line.label], {
          frameAnchor: 'top-right',
          dx: -10,
          dy: 10 + 17 * at,
          fill: lineColours[at % lineColours.length],
          stroke: 'white',
          strokeWidth: 4,
          fontWeight: 600,
        }),
      )
  return drawFigure({ ...options, marks: [...marks, Plot.gridY({ stroke: ink, strokeOpacity: 0.08 })] })
}

interface Point {
  readonly x: number
  readonly y: number
}

/** At most `most` points, evenly taken: a figure cannot show more, and a file should not hold more. */
function thinned<T extends Point>(points: readonly T[], most: number): T[] {
  const step = Math.max(1, points.length / most)
  const out: T[] = []
  for (let at = 0; at < points.length; at += step) out.push(points[Math.floor(at)])
  const last = points[points.length - 1]
  if (last && out[out.length - 1] !== last) out.push(last)
  return out
}

/**
 * Mean over a centred window of this share of all points: narrower at the start, where a loss falls fast, and at the
 * end looking back.
 */
function runningMean(points: readonly Point[], share: number): Point[] {
  const half = Math.max(1, Math.floor((points.length * share) / 2))
  const sums = new Float64Array(points.length + 1)
  for (const [i, { y }] of points.entries()) sums[i + 1] = sums[i] + y
  return points.map(({ x }, i) => {
    const back = Math.min(half, i)
    const ahead = Math.min(back, points.length - 1 - i)
    return { x, y: (sums[i + ahead + 1] - sums[i - back]) / (back + ahead + 1) }
  })
}
