import * as Plot from '@observablehq/plot'
import { faint, generatedColour, ink, simulatedColour } from '../style.js'
import { type AxisOptions, decades, drawFigure, errorBars } from '../svg.js'

/** Quantiles of a curve over a posterior. */
export interface BandCurve {
  readonly r: readonly number[]
  readonly q025: readonly number[]
  readonly q16: readonly number[]
  readonly q50: readonly number[]
  readonly q84: readonly number[]
  readonly q975: readonly number[]
}

/** Measured points, an error each, and optionally what they are averaged over. */
export interface BandPoints {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly error: readonly number[]
}

/** A curve over a posterior with what it is compared with. */
export interface BandData {
  readonly band: BandCurve
  /** Its 95% edges dashed and its median solid, beside the first, which is filled */
  readonly second?: BandCurve
  readonly truth?: { readonly x: readonly number[]; readonly y: readonly number[] }
  readonly points?: BandPoints
  /** Upright lines to read by, named at their top */
  readonly marks?: readonly { readonly x: number; readonly label: string }[]
}

/** A curve with its axes. */
export interface BandPlotOptions extends BandData {
  readonly description: string
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly rule?: number
  readonly width?: number
  readonly height?: number
  readonly marginLeft?: number
}

/** A posterior's curve: median, 68% and 95% bands; what leaves the frame is cut at its edge. */
export function bandPlot(options: BandPlotOptions): string {
  const { band, second, truth, points } = options
  const log = options.y.type === 'log'
  const domain = options.y.domain ?? domainOf(options, log)
  const [low, high] = domain
  const inside = (y: number) => Math.min(high, Math.max(low, y))
  const rows = (curve: BandCurve) => curve.r.map((x, k) => ({ x, k }))
  const visible = (y: number) => y >= low && y <= high
  const marks: Plot.Markish[] = []
  if (options.rule !== undefined) marks.push(Plot.ruleY([options.rule], { stroke: faint }))
  for (const [bottom, top, opacity] of [
    ['q025', 'q975', 0.16],
    ['q16', 'q84', 0.32],
  ] as const) {
    const place = {
      x: 'x' as const,
      y1: ({ k }: { k: number }) => inside(band[bottom][k]),
      fill: simulatedColour,
      fillOpacity: opacity,
    }
    marks.push(Plot.areaY(rows(band), { ...place, y2: ({ k }: { k: number }) => inside(band[top][k]) }))
  }
  const line = (curve: BandCurve, of: 'q025' | 'q50' | 'q975', style: Plot.LineOptions) => {
    const shown = rows(curve).filter(({ k }) => visible(curve[of][k]))
    marks.push(Plot.line(shown, { x: 'x', y: ({ k }: { k: number }) => curve[of][k], ...style }))
  }
  line(band, 'q50', { stroke: simulatedColour, strokeWidth: 1.9 })
  if (second) {
    line(second, 'q025', { stroke: generatedColour, strokeWidth: 1.2, strokeDasharray: '4 3' })
    line(second, 'q975', { stroke: generatedColour, strokeWidth: 1.2, strokeDasharray: '4 3' })
    line(second, 'q50', { stroke: generatedColour, strokeWidth: 1.7 })
  }
  if (truth) {
    const shown = truth.x.map((x, k) => ({ x, y: truth.y[k] })).filter(({ y }) => visible(y))
    marks.push(Plot.line(shown, { x: 'x', y: 'y', stroke: ink, strokeWidth: 1.5, strokeDasharray: '6 3' }))
  }
  if (points) {
    const shown = points.x.map((x, k) => ({ x, y: points.y[k], e: points.error[k] })).filter(({ y }) => visible(y))
    marks.push(
      errorBars(shown, { x: 'x', low: p => inside(p.y - p.e), high: p => inside(p.y + p.e), stroke: ink }),
      Plot.dot(shown, { x: 'x', y: 'y', r: 3.2, fill: ink }),
    )
  }
  const span: readonly [number, number] = options.x.domain ?? [band.r[0], band.r[band.r.length - 1]]
  const share = (x: number) =>
    options.x.type === 'log' ? Math.log(x / span[0]) / Math.log(span[1] / span[0]) : (x - span[0]) / (span[1] - span[0])
  for (const { x, label } of options.marks ?? []) {
    if (!(share(x) >= 0 && share(x) <= 1)) continue
    // To the left of its line, where there is room
    const side = share(x) > 0.2 ? -1 : 1
    marks.push(
      Plot.ruleX([x], { stroke: faint, strokeDasharray: '1.5 3' }),
      Plot.text([x], {
        x,
        text: () => label,
        frameAnchor: 'bottom',
        dy: -5,
        dx: 5 * side,
        textAnchor: side < 0 ? 'end' : 'start',
        fill: faint,
        stroke: 'white',
        strokeWidth: 3,
        fontSize: 11,
      }),
    )
  }
  const y = { ...options.y, domain, ...(log && !options.y.ticks && { ticks: decades(low, high) }) }
  const x = {
    ...options.x,
    domain: span,
    ...(options.x.type === 'log' && !options.x.ticks && { ticks: ticksWithin(span) }),
  }
  return drawFigure({ ...options, x, y, marks })
}

/** Decades, and threes between them where there are few. */
function ticksWithin([low, high]: readonly [number, number]): number[] {
  const tens = decades(low, high)
  if (tens.length > 3) return tens
  const threes = decades(low / 3, high / 3).map(ten => Number((3 * ten).toPrecision(3)))
  return [...tens, ...threes].sort((a, b) => a - b)
}

function domainOf({ band, second, truth, points }: BandPlotOptions, log: boolean): readonly [number, number] {
  const values = [
    ...[band, ...(second ? [second] : [])].flatMap(curve => [...curve.q025, ...curve.q975]),
    ...(truth?.y ?? []),
    ...(points ? points.y.flatMap((y, k) => [y - points.error[k], y + points.error[k]]) : []),
  ].filter(value => Number.isFinite(value) && (!log || value > 0))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (log) return [Math.max(low / 1.3, high / 1e7), high * 1.3]
  const room = 0.06 * (high - low || 1)
  return [low - room, high + room]
}
