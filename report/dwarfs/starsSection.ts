import * as Plot from '@observablehq/plot'
import { figureHtml, gridHtml } from '../html.js'
import type { Section } from '../page.js'
import { faint, generatedColour, ink, okabeIto, simulatedColour } from '../style.js'
import { drawFigure } from '../svg.js'

/** Stars of one galaxy, about its centre and its systemic velocity. */
export interface ShownStars {
  /** `[stars, 2]` kpc */
  readonly positions: ArrayLike<number>
  /** `[stars]` km/s */
  readonly velocities: ArrayLike<number>
  readonly velocityErrors: ArrayLike<number>
  /** `[stars]` probabilities in [0, 1]; all certain where absent */
  readonly membership?: ArrayLike<number>
}

/** The data of one galaxy: its stars on the sky, and their velocities. */
export function starsSection(stars: ShownStars): Section {
  return { title: 'Data', html: gridHtml(starsFigures(stars, 470), true) }
}

/** The same figures alone, for a section that holds others beside them. */
export function starsFigures(stars: ShownStars, width = 352): string[] {
  return [
    figureHtml(
      'Stars on the sky',
      skyPlot(stars, width),
      'About the centre; colour: velocity about the systemic one. Pale: unlikely members.',
    ),
    figureHtml('Velocities', velocityPlot(stars, width), 'About the systemic velocity, with errors of measurement.'),
  ]
}

/** The stars on the sky, north up and east left, coloured by velocity; unlikely members are pale. */
function skyPlot(stars: ShownStars, width: number): string {
  const shown = rowsOf(stars)
  const reach =
    1.08 *
    spanOf(
      shown.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))),
      0.96,
    )
  const fastest = spanOf(shown.map(({ v }) => Math.abs(v)))
  const inside = shown.filter(({ x, y }) => Math.abs(x) <= reach && Math.abs(y) <= reach)
  const colour = (v: number) => mixed(v / fastest)
  return drawFigure({
    description: 'Positions of the stars on the sky, coloured by line-of-sight velocity',
    width,
    height: (340 / 352) * width,
    x: { label: 'x, to the east  [kpc]', domain: [reach, -reach] },
    y: { label: 'y, to the north  [kpc]', domain: [-reach, reach] },
    marks: [
      Plot.ruleX([0], { stroke: faint, strokeOpacity: 0.35 }),
      Plot.ruleY([0], { stroke: faint, strokeOpacity: 0.35 }),
      Plot.dot(inside, {
        x: 'x',
        y: 'y',
        r: shown.length > 600 ? 1.7 : 2.6,
        fill: d => colour(d.v),
        fillOpacity: d => 0.2 + 0.75 * d.p,
        stroke: ink,
        strokeWidth: 0.35,
        strokeOpacity: d => d.p,
      }),
      ...[-1, -0.5, 0, 0.5, 1].map((share, at) =>
        Plot.text([share], {
          frameAnchor: 'top-left',
          dx: 8 + 44 * at,
          dy: 8,
          textAnchor: 'start',
          text: () =>
            `${share > 0 ? '+' : share < 0 ? '−' : ''}${speedText(Math.abs(share * fastest))}${at === 4 ? ' km/s' : ''}`,
          fill: share === 0 ? ink : colour(share * fastest),
          stroke: 'white',
          strokeWidth: 4,
          fontWeight: 600,
          fontSize: 11,
        }),
      ),
    ],
  })
}

/** Velocities against projected radius, with errors. */
function velocityPlot(stars: ShownStars, width: number): string {
  const shown = rowsOf(stars).filter(({ radius }) => radius > 0)
  const radii = shown.map(({ radius }) => radius).sort((a, b) => a - b)
  const domain: readonly [number, number] = [
    Math.max(radii[Math.floor(0.01 * (radii.length - 1))] / 1.3, 1e-4),
    radii[radii.length - 1] * 1.15,
  ]
  const fastest = 1.1 * Math.max(...shown.map(({ v }) => Math.abs(v)))
  const inside = shown.filter(({ radius }) => radius >= domain[0])
  return drawFigure({
    description: 'Line-of-sight velocities of the stars against projected radius',
    width,
    height: (340 / 352) * width,
    x: { label: 'R  [kpc]', type: 'log', domain, ticks: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] },
    y: { label: 'v − systemic  [km/s]', domain: [-fastest, fastest] },
    marks: [
      Plot.ruleY([0], { stroke: faint }),
      Plot.ruleX(inside, {
        x: 'radius',
        y1: d => d.v - d.e,
        y2: d => d.v + d.e,
        stroke: simulatedColour,
        strokeOpacity: d => 0.12 + 0.3 * d.p,
      }),
      Plot.dot(inside, {
        x: 'radius',
        y: 'v',
        r: shown.length > 600 ? 1.5 : 2.3,
        fill: simulatedColour,
        fillOpacity: d => 0.15 + 0.75 * d.p,
      }),
    ],
  })
}

function rowsOf({ positions, velocities, velocityErrors, membership }: ShownStars) {
  return Array.from({ length: velocities.length }, (_, i) => {
    const [x, y] = [positions[2 * i], positions[2 * i + 1]]
    return { x, y, radius: Math.hypot(x, y), v: velocities[i], e: velocityErrors[i], p: membership?.[i] ?? 1 }
  })
}

function speedText(speed: number): string {
  return speed >= 10 ? String(Math.round(speed)) : String(Number(speed.toPrecision(2)))
}

/** What most of the values stay below. */
function spanOf(values: readonly number[], share = 0.98): number {
  const ascending = Float64Array.from(values).sort()
  return ascending[Math.floor(share * (ascending.length - 1))] || 1
}

/** Blue for approaching, vermillion for receding, grey between. */
function mixed(share: number): string {
  const to = rgb(share < 0 ? okabeIto.blue : generatedColour)
  const from = rgb('#d9d9d9')
  const part = Math.min(1, Math.abs(share)) ** 0.8
  return `rgb(${from.map((value, k) => Math.round(value + part * (to[k] - value))).join(' ')})`
}

function rgb(colour: string): number[] {
  return [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16))
}
