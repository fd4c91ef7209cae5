import * as Plot from '@observablehq/plot'
import { binomialInterval } from '../../statistics/index.js'
import { faint, generatedColour, ink, lineColours, simulatedColour } from '../style.js'
import { drawFigure } from '../svg.js'
import { histogramBars } from './bars.js'

/** Where the truth ranks among the draws, as shares in [0, 1]: uniform where the posterior is right. */
export interface RankPlotOptions {
  readonly description: string
  /** What is ranked, with the p-value of its uniformity perhaps */
  readonly label: string
  /** What the bars count: `galaxies`, `simulations` */
  readonly what: string
  /** `[bins]` of those, how many truths rank in each bin of [0, 1] */
  readonly counts: ArrayLike<number>
  readonly width?: number
  readonly height?: number
}

/**
 * Histogram of simulation-based calibration (Talts et al. 2018, arXiv 1804.06788): bars of counts, and the band within
 * which 99% of the bars of a uniform distribution lie. A U: too narrow; a hill: too wide; a slope: biased.
 */
export function rankPlot(options: RankPlotOptions): string {
  const counts = Array.from(options.counts)
  const bins = counts.length
  const n = counts.reduce((a, b) => a + b, 0)
  const [low, high] = binomialInterval(n, 1 / bins, 0.99)
  const top = Math.max(high, ...counts) * 1.18
  const bars = counts.map((count, k) => ({ x1: k / bins, x2: (k + 1) / bins, count }))
  return drawFigure({
    description: options.description,
    width: options.width,
    height: options.height ?? 240,
    x: { label: 'rank of the truth', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { label: options.what, domain: [0, top], ticks: ticksTo(top) },
    marks: [
      histogramBars(bars, simulatedColour, 0.55),
      Plot.rect([0], { x1: 0, x2: 1, y1: low, y2: high, fill: ink, fillOpacity: 0.13 }),
      Plot.ruleY([n / bins], { stroke: ink, strokeWidth: 1, strokeDasharray: '4 3' }),
      Plot.text([options.label], {
        frameAnchor: 'top',
        dy: 5,
        fontWeight: 600,
        fill: ink,
        stroke: 'white',
        strokeWidth: 4,
      }),
    ],
  })
}

/** The share of truths inside the credible intervals of a parameter. */
export interface CoverageCurve {
  readonly label: string
  /** ascending, in (0, 1) */
  readonly nominal: readonly number[]
  readonly observed: readonly number[]
}

/** Curves of coverage, and how many posteriors they are of. */
export interface CoveragePlotOptions {
  readonly description: string
  readonly curves: readonly CoverageCurve[]
  /** How many each share is of: the band is where 95% of exact posteriors lie */
  readonly count: number
  /** A band of one height in place of it, as a Kolmogorov test of a whole curve has */
  readonly within?: number
  /** What the axes are of: `central interval`, or `expected coverage` for TARP */
  readonly of?: string
  readonly width?: number
  readonly height?: number
}

/**
 * Observed minus nominal coverage in per cent, so that two points in a hundred can be seen; above 0: intervals that are
 * too wide. The band holds 95% of what exact posteriors give at each level.
 */
export function coveragePlot({
  curves,
  count,
  within,
  of = 'central interval',
  ...options
}: CoveragePlotOptions): string {
  const points = curves.map(({ nominal, observed }) => [
    { x: 0, y: 0 },
    ...nominal.map((x, k) => ({ x, y: 100 * (observed[k] - x) })),
    { x: 1, y: 0 },
  ])
  const band = Array.from({ length: 41 }, (_, k) => {
    const p = k / 40
    if (within !== undefined) return { x: p, low: -100 * Math.min(within, p), high: 100 * Math.min(within, 1 - p) }
    const [low, high] = binomialInterval(count, p, 0.95)
    return { x: p, low: 100 * (low / count - p), high: 100 * (high / count - p) }
  })
  const most =
    Math.max(2.2, ...points.flat().map(({ y }) => Math.abs(y)), ...band.map(({ low, high }) => Math.max(-low, high))) *
    1.12
  const marks: Plot.Markish[] = [
    Plot.areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: ink, fillOpacity: 0.12 }),
    Plot.ruleY([0], { stroke: faint }),
    Plot.ruleX([0.68, 0.95], { stroke: faint, strokeDasharray: '1.5 3' }),
  ]
  points.forEach((line, at) => {
    marks.push(Plot.line(line, { x: 'x', y: 'y', stroke: lineColours[at % lineColours.length], strokeWidth: 1.7 }))
  })
  if (curves.length > 1) {
    const rows = Math.ceil(curves.length / 2)
    curves.forEach(({ label }, at) => {
      marks.push(
        Plot.text([label], {
          frameAnchor: 'bottom-left',
          textAnchor: 'start',
          dx: 10 + 118 * Math.floor(at / rows),
          dy: -8 - 16 * (rows - 1 - (at % rows)),
          fill: lineColours[at % lineColours.length],
          stroke: 'white',
          strokeWidth: 4,
          fontWeight: 600,
        }),
      )
    })
  }
  return drawFigure({
    width: 400,
    height: 290,
    ...options,
    x: { label: `nominal coverage of the ${of}`, domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    y: { label: 'observed − nominal  [%]', domain: [-most, most] },
    marks,
  })
}

/** How full the 68% intervals are, in bins of where the posterior is. */
export interface CoverageAlong {
  /** `[bins + 1]` of the posterior mean */
  readonly edges: readonly number[]
  /** `[bins]` share of truths within their 68% interval */
  readonly coverage: readonly number[]
  /** `[bins]` how many truths are there */
  readonly count: readonly number[]
}

/** Coverage along a parameter, with the parameter's label. */
export interface CoverageAlongOptions extends CoverageAlong {
  readonly description: string
  readonly label: string
  readonly width?: number
  readonly height?: number
}

/** Coverage of the 68% intervals by posterior mean, with the band of 99% of what exact posteriors give. */
export function coverageAlongPlot({ edges, coverage, count, label, ...options }: CoverageAlongOptions): string {
  const bars = coverage.map((share, k) => {
    const [low, high] = binomialInterval(count[k], 0.68, 0.99)
    return { x1: edges[k], x2: edges[k + 1], share, low: low / count[k], high: high / count[k] }
  })
  const least = Math.min(...bars.map(({ share, low }) => Math.min(share, low)))
  const most = Math.max(...bars.map(({ share, high }) => Math.max(share, high)))
  const room = 0.25 * (most - least)
  return drawFigure({
    height: 240,
    ...options,
    x: { label: 'posterior mean', domain: [edges[0], edges[edges.length - 1]] },
    y: { label: 'in 68% interval', domain: [Math.max(0, least - room), Math.min(1.08, most + room)] },
    marks: [
      Plot.rect(bars, { x1: 'x1', x2: 'x2', y1: 'low', y2: 'high', fill: ink, fillOpacity: 0.13 }),
      Plot.ruleY([0.68], { stroke: ink, strokeWidth: 1, strokeDasharray: '4 3' }),
      Plot.ruleY(bars, { x1: 'x1', x2: 'x2', y: 'share', stroke: simulatedColour, strokeWidth: 2.5 }),
      Plot.text([label], { frameAnchor: 'top', dy: 5, fontWeight: 600, fill: ink, stroke: 'white', strokeWidth: 4 }),
    ],
  })
}

/** Truth and estimate of a parameter, a point a galaxy. */
export interface RecoveryPlotOptions {
  readonly description: string
  readonly label: string
  readonly truth: ArrayLike<number>
  /** medians */
  readonly estimate: ArrayLike<number>
  /** ends of the 68% interval */
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
  /** Points drawn, evenly taken; default 200 */
  readonly most?: number
  /** Points drawn in the second colour, such as those outside the prior */
  readonly outside?: ArrayLike<boolean>
  readonly width?: number
  readonly height?: number
}

/** Median and 68% interval against the truth, with the line of equality. */
export function recoveryPlot(options: RecoveryPlotOptions): string {
  const { truth, estimate, low, high, outside, most = 200 } = options
  const n = truth.length
  const step = Math.max(1, n / most)
  const shown = Array.from({ length: Math.min(n, most) }, (_, i) => {
    const at = Math.floor(i * step)
    return { x: truth[at], y: estimate[at], y1: low[at], y2: high[at], outside: outside?.[at] ?? false }
  }).filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const all = shown.flatMap(({ x, y1, y2 }) => [x, y1, y2]).filter(Number.isFinite)
  const [least, greatest] = [Math.min(...all), Math.max(...all)]
  const room = 0.04 * (greatest - least || 1)
  const domain: readonly [number, number] = [least - room, greatest + room]
  const colour = (point: { outside: boolean }) => (point.outside ? generatedColour : simulatedColour)
  return drawFigure({
    description: options.description,
    width: options.width,
    height: options.height ?? 310,
    x: { label: 'true', domain },
    y: { label: 'estimated', domain },
    marks: [
      Plot.ruleX(shown, { x: 'x', y1: 'y1', y2: 'y2', stroke: colour, strokeOpacity: 0.3, strokeWidth: 1 }),
      Plot.dot(shown, { x: 'x', y: 'y', r: 2, fill: colour, fillOpacity: 0.85 }),
      Plot.line([least, greatest], { x: v => v, y: v => v, stroke: ink, strokeDasharray: '5 3' }),
      Plot.text([options.label], {
        frameAnchor: 'top-left',
        dx: 6,
        dy: 5,
        fontWeight: 600,
        fill: ink,
        stroke: 'white',
        strokeWidth: 4,
      }),
    ],
  })
}

function ticksTo(top: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(top / 3))
  const step = ([1, 2, 5, 10].find(m => m * decade >= top / 4) ?? 10) * decade
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, k) => Math.round(k * step))
}
