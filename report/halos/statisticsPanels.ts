import type { Curve } from '../../statistics/index.js'
import { comparisonFigure, comparisonPlot } from '../comparisonPlot.js'
import { figureHtml } from '../html.js'
import { linePlot } from '../linePlot.js'
import { generatedColour, simulatedColour } from '../style.js'
import { correlationPanels, separation, weightedBySquare } from './correlationPanels.js'
import { fourierPanels } from './fourierPanels.js'

/** One figure a statistic, in the order in which a reader asks. Statistics that were not measured have no panel. */
export function statisticsPanels(curves: Readonly<Record<string, Curve>>): string[] {
  const panels: string[] = []
  if (curves.xi) panels.push(...correlationPanels(curves.xi, curves.xi_fine))
  if (curves.xi_0 && curves.xi_2) panels.push(...multipolePanels(curves.xi_0, curves.xi_2, curves.xi_4))
  panels.push(...fourierPanels(curves))
  const ranks = Object.keys(curves).filter(name => name.startsWith('knn_'))
  if (ranks.length > 0) panels.push(knnPanel(ranks, curves))
  if (curves.v12) panels.push(velocityPanel(curves.v12))
  if (curves.mass_function) panels.push(massPanel(curves.mass_function))
  return panels
}

function multipolePanels(monopole: Curve, quadrupole: Curve, hexadecapole: Curve | undefined): string[] {
  const panel = (title: string, order: string, curve: Curve, caption: string) =>
    comparisonFigure({
      title,
      caption,
      description: `s squared times the ${title.toLowerCase()} of the redshift-space correlation function, simulated and generated`,
      curve,
      ...weightedBySquare(separation('s', curve.x), `ξ${order}(s)`),
    })
  const panels = [
    panel(
      'Monopole in redshift space',
      '₀',
      monopole,
      'Velocities shift halos along the line of sight; plane-parallel, mean of the three axes.',
    ),
    panel(
      'Quadrupole',
      '₂',
      quadrupole,
      'Negative where coherent infall squashes structures along the line of sight (Kaiser effect).',
    ),
  ]
  if (hexadecapole)
    panels.push(panel('Hexadecapole', '₄', hexadecapole, 'The next even order; small and noisy for halos.'))
  return panels
}

function knnPanel(names: readonly string[], curves: Readonly<Record<string, Curve>>): string {
  const shown = names.map((name, at) => {
    const curve = everyOther(curves[name])
    const risen = curve.value.findIndex(share => share >= 0.6 - 0.15 * at)
    return { curve, label: `k = ${name.slice(4)}`, labelAt: risen < 0 ? undefined : risen }
  })
  const cdf = comparisonPlot({
    description:
      'Cumulative distribution of the distance from volume-filling points to the k-th nearest halo, simulated and generated',
    curves: shown,
    x: { label: 'r  [Mpc/h]' },
    y: { label: 'CDF', domain: [0, 1.02] },
  })
  const caption =
    'Share of points on a grid whose k-th nearest halo is nearer than r. Sensitive to correlations of every order, voids included.'
  if (shown.some(({ curve }) => curve.reference === undefined))
    return figureHtml('Nearest-neighbour distributions', cdf, caption)
  const lines = names.map(name => {
    const { x, value, reference, error, reference_error } = curves[name]
    return {
      label: `k = ${name.slice(4)}`,
      x,
      y: value.map((share, at) => share - (reference?.[at] ?? Number.NaN)),
      // without an error of its own on the simulated side, that of the generated one is the difference's
      error: value.map((_, at) => (reference_error ? Math.hypot(error[at], reference_error[at]) : error[at])),
    }
  })
  const difference = linePlot({
    description: 'Generated minus simulated nearest-neighbour distributions',
    x: { label: 'r  [Mpc/h]' },
    y: { label: 'CDF generated − simulated' },
    lines,
    rule: 0,
    width: 352,
    height: 262,
    marginLeft: 66,
  })
  return (
    figureHtml('Nearest-neighbour distributions', cdf, caption) +
    figureHtml(
      'Their difference',
      difference,
      'Generated minus simulated. Bars: standard errors of both means, where there are several fields.',
    )
  )
}

/** Half the points of a curve: its dots would touch. */
function everyOther(curve: Curve): Curve {
  const half = (values: readonly number[]) => values.filter((_, at) => at % 2 === 1)
  const maybe = (values: readonly number[] | undefined) => values && half(values)
  return {
    ...curve,
    x: half(curve.x),
    value: half(curve.value),
    error: half(curve.error),
    ...(curve.reference && {
      reference: half(curve.reference),
      reference_error: maybe(curve.reference_error),
      reference_scatter: maybe(curve.reference_scatter),
    }),
  }
}

function velocityPanel(v12: Curve): string {
  return comparisonFigure({
    title: 'Mean pairwise velocity',
    caption: 'Mean speed of a pair along its separation; negative: the halos approach each other.',
    description: 'Mean pairwise velocity v12 against separation r, simulated and generated',
    curve: v12,
    x: separation('r', v12.x),
    y: { label: 'v₁₂(r)  [km/s]' },
    rule: 0,
  })
}

function massPanel(mass: Curve): string {
  return comparisonFigure({
    title: 'Cumulative mass function',
    caption: 'Halos at least as heavy as M, from the lightest mass that every field reaches to the 20th heaviest.',
    description: 'Number density of halos heavier than M, simulated and generated',
    curve: mass,
    x: { label: 'log₁₀ M  [Msun/h]' },
    y: { label: 'n(> M)  [(Mpc/h)⁻³]', type: 'log' },
    marginLeft: 64,
  })
}

/** What line, bands and dots mean; once for all panels of a cosmology. */
export function keyHtml(simulatedFields: number, generatedFields: number, cosmologies = 1): string {
  const bands =
    `<rect y="2" width="34" height="14" fill="${simulatedColour}" fill-opacity=".14"/>` +
    `<rect y="6" width="34" height="6" fill="${simulatedColour}" fill-opacity=".32"/>`
  const line = `<svg width="34" height="18" aria-hidden="true">${bands}<path d="M0 9H34" stroke="${simulatedColour}" stroke-width="2"/></svg>`
  const bar = `<path d="M10 1V17" stroke="${generatedColour}" stroke-width="1.5"/><circle cx="10" cy="9" r="3.5" fill="${generatedColour}"/>`
  const dot = `<svg width="20" height="18" aria-hidden="true">${bar}</svg>`
  const own = 'the error of one field where it has one: jackknife, for masses Poisson'
  const several = cosmologies > 1
  const simulated = several
    ? `simulated, mean of ${cosmologies} cosmologies; band: scatter of one field about its own cosmology`
    : simulatedFields > 1
      ? `simulated, mean of ${simulatedFields} fields; dark band: its standard error; pale band: scatter of one field`
      : `simulated, one field; band: ${own}`
  const generated = several
    ? `generated, mean of the same cosmologies; bars: standard error of the mean difference`
    : generatedFields > 1
      ? `generated, mean of ${generatedFields} fields; bars: its standard error`
      : `generated, one field; bars: ${own}`
  return `<div class="key">${simulatedFields > 0 ? `<span>${line}${simulated}</span>` : ''}<span>${dot}${generated}</span></div>`
}
