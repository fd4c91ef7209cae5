import * as Plot from '@observablehq/plot'
import type { JudgedCurve, ResponseBin } from '../../statistics/index.js'
import { comparisonFigure } from '../comparisonPlot.js'
import { figureHtml, numberText } from '../html.js'
import { faint, generatedColour, ink } from '../style.js'
import { drawFigure } from '../svg.js'
import { separation, weightedBySquare } from './correlationPanels.js'

/** Cosmologies shown one by one. */
const examplesShown = 6
/** Bins whose response is drawn: lower edges, Mpc/h. */
const binsShown = [8, 12, 18, 25, 35, 50]
/** Cosmologies are put in order of clustering by xi from here on, Mpc/h. */
const orderingSeparation = 12

/** xi at several cosmologies, and how the drawn one follows the simulated one over all of them. */
export interface CosmologyResponse {
  readonly response: readonly ResponseBin[]
  /** Of each cosmology, where there are several */
  readonly each: readonly { readonly theta: Readonly<Record<string, number>>; readonly xi: JudgedCurve }[]
}

/**
 * How xi follows the cosmology: single ones from least to most clustered, and drawn against simulated over all of them.
 */
export function responsePanels(population: CosmologyResponse): {
  readonly examples: string[]
  readonly bins: string[]
} {
  const { each, response } = population
  if (each.length < 2) return { examples: [], bins: [] }
  return {
    examples: examples(population),
    bins: response.filter(({ from }) => binsShown.includes(from)).map(binPanel(each)),
  }
}

function examples({ each }: CosmologyResponse): string[] {
  const bin = Math.max(0, each[0].xi.x.indexOf(orderingSeparation))
  const ordered = [...each].sort((a, b) => a.xi.reference[bin] - b.xi.reference[bin])
  const count = Math.min(examplesShown, ordered.length)
  const chosen = Array.from(
    { length: count },
    (_, i) => ordered[Math.round((i * (ordered.length - 1)) / Math.max(1, count - 1))],
  )
  return chosen.map(({ theta, xi }) =>
    comparisonFigure({
      title: nameOf(theta),
      caption: 'Errors of one field on either side: jackknife.',
      description: `r squared times the correlation function at ${nameOf(theta)}, simulated and generated`,
      curve: xi,
      ...weightedBySquare(separation('r', xi.x), 'ξ(r)'),
      height: 220,
    }),
  )
}

function nameOf({ omega_m, sigma_8 }: Readonly<Record<string, number>>): string {
  return `Ωm = ${numberText(omega_m)}, σ8 = ${numberText(sigma_8)}`
}

/** One bin: a dot a cosmology, drawn against simulated, and the line where they are equal. */
function binPanel(each: CosmologyResponse['each']) {
  return ({ from, to, slope, error, correlation }: ResponseBin): string => {
    const bin = each[0].xi.x.indexOf(from)
    const dots = each.map(({ xi }) => ({ simulated: xi.reference[bin], drawn: xi.value[bin], error: xi.error[bin] }))
    const values = dots.flatMap(({ simulated, drawn }) => [simulated, drawn]).filter(Number.isFinite)
    const [least, most] = [Math.min(...values), Math.max(...values)]
    const room = 0.06 * (most - least || 1)
    const domain = [least - room, most + room] as const
    const svg = drawFigure({
      description: `Generated against simulated correlation function from ${from} to ${to} Mpc/h, a dot a cosmology`,
      height: 300,
      x: { label: 'ξ simulated', domain },
      y: { label: 'ξ generated', domain },
      marks: [
        Plot.line(
          domain.map(x => ({ x })),
          { x: 'x', y: 'x', stroke: faint },
        ),
        Plot.dot(dots, { x: 'simulated', y: 'drawn', r: 2.8, fill: generatedColour, fillOpacity: 0.8 }),
        Plot.text([`${from}–${to} Mpc/h`], { frameAnchor: 'top-left', dx: 10, dy: 10, fill: ink, fontWeight: 600 }),
      ],
    })
    return figureHtml(
      `${from}–${to} Mpc/h`,
      svg,
      `Slope ${slope.toFixed(2)} ± ${error.toFixed(2)}, the noise of the simulated side taken out; correlation ${correlation.toFixed(2)}.`,
    )
  }
}
