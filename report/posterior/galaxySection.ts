import * as Plot from '@observablehq/plot'
import { escapeHtml, figureHtml, numberText, tableHtml } from '../html.js'
import { FAINT, GENERATED, SIMULATED } from '../style.js'
import { type AxisOptions, drawFigure } from '../svg.js'
import { bandPlot } from './bandPlot.js'
import { histogramBars } from './bars.js'
import { cornerPlot } from './cornerPlot.js'
import type { DerivedRow, GalaxyReport, ProfileReport, UnusualReport } from './dwarfReportData.js'
import { skyPlot, velocityPlot } from './starsPlot.js'

/** The sections on one galaxy: what follows from the posterior first, for most readers want that alone. */
export function galaxySections(galaxy: GalaxyReport): string[] {
  const { stars, profiles, derived, unusual } = galaxy
  const sections: string[] = []
  if (derived && derived.length > 0) sections.push(`<section><h2>What follows</h2>${derivedTable(derived)}</section>`)
  if (profiles && profiles.length > 0) {
    const figures = profiles.map(profileFigure).join('')
    sections.push(`<section><h2>Profiles</h2>${keyHtml(galaxy)}<div class="grid two">${figures}</div></section>`)
  }
  sections.push(`<section><h2>Posterior</h2>${cornerFigure(galaxy)}</section>`)
  const figures: string[] = []
  const width = unusual ? 352 : 470
  if (stars) {
    figures.push(
      figureHtml(
        'Stars on the sky',
        skyPlot(stars, width),
        'About the centre; colour: velocity about the systemic one. Pale: unlikely members.',
      ),
      figureHtml('Velocities', velocityPlot(stars, width), 'About the systemic velocity, with errors of measurement.'),
    )
  }
  if (unusual) figures.push(unusualFigure(unusual))
  if (figures.length > 0)
    sections.push(`<section><h2>Data</h2><div class="grid${unusual ? '' : ' two'}">${figures.join('')}</div></section>`)
  return sections
}

function derivedTable(rows: readonly DerivedRow[]): string {
  const columns = [
    { title: '' },
    { title: 'Median', numeric: true },
    { title: '68% interval', numeric: true },
    { title: '90% interval', numeric: true },
    { title: 'Unit' },
  ]
  const cells = rows.map(({ label, units, q05, q16, q50, q84, q95 }) => {
    // To two figures of the error; one of parts in ten thousand would say too much
    const places = Math.max(0, Math.min(2, 1 - Math.floor(Math.log10(Math.max(1e-9, (q84 - q16) / 2)))))
    const text = (value: number) =>
      Math.abs(value) < 1e5 ? value.toFixed(places).replace('-', '−') : powerOfTen(value)
    return [
      { html: notation(label) },
      { html: text(q50) },
      { html: `${text(q16)} to ${text(q84)}` },
      { html: `${text(q05)} to ${text(q95)}` },
      { html: notation(units) },
    ]
  })
  return tableHtml(columns, cells)
}

function powerOfTen(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e')
  return `${digits.replace('-', '−')} × 10<sup>${Number(exponent)}</sup>`
}

/** `log10 J(0.5 deg)`, `V_max`, `GeV2 cm-5`, `Msun/kpc3` as they are printed. */
function notation(text: string): string {
  return escapeHtml(text)
    .replace(/log10/g, 'log<sub>10</sub>')
    .replace(/_([a-z]+)/g, '<sub>$1</sub>')
    .replace(/\brho\b/g, 'ρ')
    .replace(/ deg\b/g, '°')
    .replace(/(?<=GeV|kpc|cm)(-?\d)/g, power => `<sup>${power.replace('-', '−')}</sup>`)
}

const KINDS: Readonly<
  Record<ProfileReport['kind'], { title: string; y: AxisOptions; caption: string; rule?: number }>
> = {
  rho: {
    title: 'Dark-matter density',
    y: { label: 'ρ(r)  [Msun/kpc³]', type: 'log' },
    caption: 'Density of dark matter.',
  },
  mass: { title: 'Enclosed mass', y: { label: 'M(< r)  [Msun]', type: 'log' }, caption: 'Dark matter within r.' },
  beta: {
    title: 'Anisotropy',
    y: { label: 'β(r)', domain: [-1, 1] },
    caption: '1: radial orbits, 0: isotropic, negative: tangential.',
    rule: 0,
  },
  dispersion: {
    title: 'Velocity dispersion',
    y: { label: 'σ(R)  [km/s]' },
    caption:
      'Along the line of sight, by the Jeans equation from the posterior. Points: stars in rings, errors of measurement taken out.',
  },
}

function profileFigure({ kind, note, ...shown }: ProfileReport): string {
  const { title, y, caption, rule } = KINDS[kind]
  const svg = bandPlot({
    ...shown,
    description: `${title} against radius, with 68% and 95% bands of the posterior`,
    x: { label: kind === 'dispersion' ? 'R  [kpc]' : 'r  [kpc]', type: 'log' },
    y: kind === 'dispersion' ? { ...y, domain: [0, highest(shown)] } : y,
    rule,
    width: 470,
    height: 300,
    marginLeft: 58,
  })
  return figureHtml(title, svg, note === undefined ? caption : `${caption} ${note}`)
}

/** Above all that is drawn. */
function highest({ band, second, truth, points }: Pick<ProfileReport, 'band' | 'second' | 'truth' | 'points'>): number {
  const tops = [band.q975, second?.q975 ?? [], truth?.y ?? [], points?.y.map((y, k) => y + points.error[k]) ?? []]
  return 1.12 * Math.max(...tops.flat().filter(Number.isFinite))
}

function keyHtml({ posterior, second, truth, profiles }: GalaxyReport): string {
  const bands = `<rect y="1" width="34" height="16" fill="${SIMULATED}" fill-opacity=".16"/><rect y="5" width="34" height="8" fill="${SIMULATED}" fill-opacity=".32"/>`
  const sign = (inside: string) => `<svg width="34" height="18" aria-hidden="true">${inside}</svg>`
  const items = [
    `${sign(`${bands}<path d="M0 9H34" stroke="${SIMULATED}" stroke-width="2"/>`)}${escapeHtml(posterior.label)}: median, 68%, 95%`,
  ]
  if (second && profiles?.some(profile => profile.second)) {
    const edges = `<path d="M0 3H34M0 15H34" stroke="${GENERATED}" stroke-dasharray="4 3"/><path d="M0 9H34" stroke="${GENERATED}" stroke-width="1.7"/>`
    items.push(`${sign(edges)}${escapeHtml(second.label)}: median, 95%`)
  }
  if (truth || profiles?.some(profile => profile.truth)) {
    items.push(`${sign('<path d="M0 9H34" stroke="currentColor" stroke-width="1.5" stroke-dasharray="6 3"/>')}truth`)
  }
  return `<div class="key">${items.map(item => `<span>${item}</span>`).join('')}</div>`
}

function cornerFigure(galaxy: GalaxyReport): string {
  const description = `Corner plot of the posterior: ${galaxy.labels.map(label => label.replace(/\s*\[.*/, '')).join(', ')}`
  const svg = cornerPlot({ ...galaxy, description })
  const caption = `Contours hold 68% and 95% of the draws; above each marginal its median and 68% interval. Nothing lies outside the prior.`
  return `<figure class="wide">${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

function unusualFigure({ distance, distances, share, flagged }: UnusualReport): string {
  const ascending = Float64Array.from(distances).sort()
  const high = 1.1 * Math.max(distance, ascending[ascending.length - 1])
  const low = 0.9 * Math.min(distance, ascending[0])
  const bars = Array.from({ length: 40 }, (_, k) => ({
    x1: low + (k / 40) * (high - low),
    x2: low + ((k + 1) / 40) * (high - low),
    count: 0,
  }))
  for (const one of ascending) bars[Math.min(39, Math.floor(((one - low) / (high - low)) * 40))].count++
  const colour = flagged ? GENERATED : SIMULATED
  const svg = drawFigure({
    description: 'Distance of this galaxy from the training galaxies beside that of held-out ones',
    height: 340,
    x: { label: 'distance from the training galaxies', domain: [low, high] },
    y: { label: 'held-out simulated galaxies' },
    marks: [
      histogramBars(bars, FAINT, 0.5),
      Plot.ruleX([distance], { stroke: colour, strokeWidth: 2.4 }),
      Plot.text([distance], {
        x: distance,
        text: () => 'this galaxy',
        frameAnchor: 'top',
        dy: 10,
        dx: distance > (low + high) / 2 ? -7 : 7,
        textAnchor: distance > (low + high) / 2 ? 'end' : 'start',
        fill: colour,
        fontWeight: 600,
        stroke: 'white',
        strokeWidth: 4,
      }),
    ],
  })
  const said = `${numberText(100 * share)}% of held-out simulated galaxies lie farther out in the network's summary of the data.`
  const verdict = flagged ? ' The posterior is not to be trusted.' : ''
  return figureHtml('Like the training galaxies?', svg, said + verdict)
}
