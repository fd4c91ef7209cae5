import * as Plot from '@observablehq/plot'
import type { Curve } from '../statistics/index.js'
import { curvePoints } from '../statistics/index.js'
import { figureHtml } from './html.js'
import { faint, generatedColour, ink, simulatedColour } from './style.js'
import { type AxisOptions, decades, drawFigure } from './svg.js'

/** A statistic on both sides: what is drawn and in which notation. */
export interface ComparisonPlotOptions {
  readonly description: string
  /** several curves in one frame carry a label each, written beside them */
  readonly curves: readonly { readonly curve: Curve; readonly label?: string; readonly labelAt?: number }[]
  readonly x: AxisOptions
  readonly y: AxisOptions
  /** from a value at x to what is drawn, linear in the value: `r^2 xi`. The same for errors. */
  readonly scale?: (x: number) => number
  /** a horizontal line to judge by */
  readonly rule?: number
  readonly width?: number
  readonly height?: number
  readonly marginLeft?: number
}

/** One statistic with its title and its caption. */
export interface ComparisonFigureOptions extends Omit<ComparisonPlotOptions, 'curves'> {
  readonly title: string
  readonly caption: string
  readonly curve: Curve
}

/** A figure of one statistic on both sides. */
export function comparisonFigure({ title, caption, curve, ...options }: ComparisonFigureOptions): string {
  return figureHtml(title, comparisonPlot({ ...options, curves: [{ curve }] }), caption)
}

interface Place {
  readonly x: number
  readonly sim: number
  readonly simError: number
  readonly simScatter: number
  readonly gen: number
  readonly genError: number
}

/**
 * Simulation as a line with two bands (one field's scatter, pale; standard error of the mean, darker) and generated
 * fields as dots with standard errors. On a logarithmic axis a negative value is drawn hollow at its modulus.
 */
export function comparisonPlot(options: ComparisonPlotOptions): string {
  const log = options.y.type === 'log'
  const places = options.curves.map(({ curve }) => placesOf(curve, options.scale))
  const domain = options.y.domain ?? domainOf(places.flat(), log)
  const [low, high] = domain
  const inside = (y: number) => Math.min(high, Math.max(low, y))
  const shown = (y: number) => (log ? Math.abs(y) : y)
  const visible = (y: number) => Number.isFinite(y) && shown(y) >= low && shown(y) <= high
  const marks: Plot.Markish[] = []
  if (options.rule !== undefined) marks.push(Plot.ruleY([options.rule], { stroke: faint, strokeWidth: 1 }))
  for (const [at, all] of places.entries()) {
    const sims = all.filter(p => Number.isFinite(p.sim) && (!log || p.sim > 0))
    for (const [error, opacity] of [
      ['simScatter', 0.14],
      ['simError', 0.32],
    ] as const) {
      const band = sims.filter(p => Number.isFinite(p[error]))
      marks.push(
        Plot.areaY(band, {
          x: 'x',
          y1: p => inside(p.sim - p[error]),
          y2: p => inside(p.sim + p[error]),
          fill: simulatedColour,
          fillOpacity: opacity,
        }),
      )
    }
    marks.push(
      Plot.line(
        sims.filter(p => p.sim >= low && p.sim <= high),
        { x: 'x', y: 'sim', stroke: simulatedColour, strokeWidth: 1.8 },
      ),
    )
    const negative = all.filter(p => log && p.sim < 0 && visible(p.sim))
    marks.push(
      Plot.dot(negative, {
        x: 'x',
        y: p => -p.sim,
        r: 3.4,
        symbol: 'square',
        stroke: simulatedColour,
        fill: 'white',
        strokeWidth: 1.4,
      }),
    )
    const gens = all.filter(p => visible(p.gen))
    marks.push(
      Plot.ruleX(
        gens.filter(p => Number.isFinite(p.genError)),
        {
          x: 'x',
          y1: p => inside(shown(p.gen) - p.genError),
          y2: p => inside(shown(p.gen) + p.genError),
          stroke: generatedColour,
          strokeWidth: 1.4,
        },
      ),
      Plot.dot(gens, {
        x: 'x',
        y: p => shown(p.gen),
        r: 3.2,
        stroke: generatedColour,
        strokeWidth: 1.4,
        fill: p => (log && p.gen < 0 ? 'white' : generatedColour),
      }),
    )
    const { label, labelAt } = options.curves[at]
    if (label !== undefined && all.length > 0) {
      const place = all[Math.min(all.length - 1, labelAt ?? Math.floor(all.length / 2))]
      const y = Number.isFinite(place.sim) ? place.sim : place.gen
      marks.push(
        Plot.text([place], {
          x: 'x',
          y: inside(shown(y)),
          text: () => label,
          dx: -10,
          dy: -8,
          textAnchor: 'end',
          fill: ink,
          stroke: 'white',
          strokeWidth: 3,
        }),
      )
    }
  }
  const y = { ...options.y, domain, ...(log && !options.y.ticks && { ticks: decades(low, high) }) }
  return drawFigure({ ...options, y, marks })
}

function placesOf(curve: Curve, scale: (x: number) => number = () => 1): Place[] {
  return curvePoints(curve).map((x, at) => {
    const by = scale(x)
    const of = (values: readonly number[] | undefined) => by * (values?.[at] ?? Number.NaN)
    return {
      x,
      sim: of(curve.reference),
      simError: of(curve.reference_error),
      simScatter: of(curve.reference_scatter),
      gen: of(curve.value),
      genError: of(curve.error),
    }
  })
}

/** Around all values and the errors of the generated ones; on a logarithmic axis three and a half decades at most. */
function domainOf(places: readonly Place[], log: boolean): readonly [number, number] {
  const values = places.flatMap(p => [p.sim, p.gen]).filter(Number.isFinite)
  if (log) {
    const positive = values.map(Math.abs).filter(y => y > 0)
    const high = 10 ** (Math.log10(Math.max(...positive, 1e-30)) + 0.15)
    return [Math.max(Math.min(...positive, high) / 1.5, high / 10 ** 3.5), high]
  }
  const edges = places.flatMap(p => [
    p.sim - orZero(p.simScatter),
    p.sim + orZero(p.simScatter),
    p.gen - orZero(p.genError),
    p.gen + orZero(p.genError),
  ])
  const finite = edges.filter(Number.isFinite)
  const [low, high] = [Math.min(...finite, 0), Math.max(...finite, 0)]
  const room = 0.06 * (high - low || 1)
  return [low - (low < 0 ? room : 0), high + room]
}

function orZero(x: number): number {
  return Number.isFinite(x) ? x : 0
}
