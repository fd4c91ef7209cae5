import * as Plot from '@observablehq/plot'
import type { Curve } from '../../statistics/index.js'
import { curvePoints } from '../../statistics/index.js'
import { comparisonFigure } from '../comparisonPlot.js'
import { figureHtml } from '../html.js'
import { faint, generatedColour, okabeIto } from '../style.js'
import { drawFigure } from '../svg.js'

const separationTicks = [2, 5, 10, 20, 50, 100]

/** A logarithmic axis of separation over all bins. */
export function separation(symbol: string, edges: readonly number[]) {
  const domain = [edges[0], edges[edges.length - 1]] as const
  return {
    label: `${symbol}  [Mpc/h]`,
    type: 'log',
    domain,
    ticks: separationTicks,
  } as const
}

/** The same axis with ticks from .5 Mpc/h, for bins that begin there. */
export function fineSeparation(edges: readonly number[]) {
  return { ...separation('r', edges), ticks: [0.5, 1, ...separationTicks] } as const
}

/** The axes of a correlation function times its separation squared. */
export function weightedBySquare(x: ReturnType<typeof separation>, symbol: string) {
  const [letter] = x.label
  return { x, y: { label: `${letter}² ${symbol}  [(Mpc/h)²]` }, scale: (r: number) => r * r, rule: 0 } as const
}

/** xi in three notations, and in fine bins where it was measured in them. */
export function correlationPanels(xi: Curve, fine?: Curve): string[] {
  const x = separation('r', xi.x)
  const panels = [
    comparisonFigure({
      title: 'Two-point correlation function',
      caption:
        'Excess of halo pairs over a uniform field, by pair counts in the periodic box. Hollow: negative, drawn at its modulus.',
      description: 'Correlation function xi against separation r, logarithmic, simulated and generated',
      curve: xi,
      x,
      y: { label: 'ξ(r)', type: 'log' },
    }),
    comparisonFigure({
      title: 'The same, weighted by r²',
      caption: 'Linear, so that large scales and the sign can be read.',
      description: 'r squared times the correlation function against separation r, simulated and generated',
      curve: xi,
      ...weightedBySquare(x, 'ξ(r)'),
    }),
  ]
  if (fine) panels.push(finePanel(fine))
  if (xi.reference) panels.push(ratioPanel(xi))
  return panels
}

/** From .5 Mpc/h, where halos exclude each other, in 24 bins; 1 + xi is never negative. */
function finePanel(fine: Curve): string {
  return comparisonFigure({
    title: 'In 24 fine bins',
    caption: 'Pairs over those of a uniform field. Not drawn: bins without a pair in any field.',
    description: 'One plus the correlation function in 24 bins of separation, logarithmic, simulated and generated',
    curve: { ...fine, value: plusOne(fine.value), ...(fine.reference && { reference: plusOne(fine.reference) }) },
    x: fineSeparation(fine.x),
    y: { label: '1 + ξ(r)', type: 'log' },
    rule: 1,
  })
}

function plusOne(values: readonly number[]): number[] {
  return values.map(x => 1 + x)
}

/** Generated over simulated where the simulated value is at least three standard errors from zero. */
function ratioPanel(xi: Curve): string {
  const ratios = curvePoints(xi).flatMap((r, bin) => {
    const reference = xi.reference?.[bin] ?? Number.NaN
    const spread = xi.reference_error?.[bin] ?? Number.NaN
    if (!(Math.abs(reference) > 3 * (Number.isFinite(spread) ? spread : 0))) return []
    const ratio = xi.value[bin] / reference
    const error = Math.hypot(orZero(xi.error[bin]) / reference, (ratio * orZero(spread)) / reference)
    return [{ r, ratio, error }]
  })
  const high = Math.min(2.5, Math.max(1.5, ...ratios.map(p => p.ratio + p.error)) + 0.05)
  const low = Math.max(0, Math.min(0.5, ...ratios.map(p => p.ratio - p.error)) - 0.05)
  const x = separation('r', xi.x)
  const inside = ratios.filter(p => p.ratio >= low && p.ratio <= high)
  const svg = drawFigure({
    description: 'Ratio of the generated to the simulated correlation function against separation r',
    x,
    y: { label: 'ξ generated / ξ simulated', domain: [low, high] },
    marks: [
      Plot.rect([0], { x1: x.domain[0], x2: x.domain[1], y1: 0.8, y2: 1.2, fill: okabeIto.green, fillOpacity: 0.13 }),
      Plot.ruleY([1], { stroke: faint }),
      Plot.ruleX(inside, {
        x: 'r',
        y1: p => Math.max(low, p.ratio - p.error),
        y2: p => Math.min(high, p.ratio + p.error),
        stroke: generatedColour,
        strokeWidth: 1.4,
      }),
      Plot.dot(inside, { x: 'r', y: 'ratio', r: 3.2, fill: generatedColour }),
    ],
  })
  const left = xi.value.length - inside.length
  const missing =
    left > 0
      ? ` ${left} of ${xi.value.length} bins are not drawn: outside the frame, or simulated ξ within three standard errors of zero.`
      : ''
  return figureHtml('Ratio', svg, `Bars: standard errors of both means. Green: within 20%.${missing}`)
}

function orZero(x: number): number {
  return Number.isFinite(x) ? x : 0
}
