import { escapeHtml, figureHtml, gridHtml } from '../html.js'
import type { Section } from '../page.js'
import { generatedColour, simulatedColour } from '../style.js'
import type { AxisOptions } from '../svg.js'
import { type BandData, bandPlot } from './bandPlot.js'

/** A curve that follows from a posterior, with what names it. */
export interface Profile extends BandData {
  readonly title: string
  readonly caption: string
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly rule?: number
}

/** Curves that follow from a posterior, or from two of them. */
export interface ProfilesData {
  readonly profiles: readonly Profile[]
  /** What the posterior is called in the key */
  readonly posterior: string
  /** And the second one, where some profile has it */
  readonly second?: string
}

/** Bands of each curve, under a key of what is drawn. */
export function profilesSection(data: ProfilesData): Section {
  const figures = data.profiles.map(profileFigure)
  return { title: 'Profiles', html: figures.length === 0 ? '' : keyHtml(data) + gridHtml(figures, true) }
}

function profileFigure({ title, caption, ...shown }: Profile): string {
  const svg = bandPlot({
    ...shown,
    description: `${title} against radius, with 68% and 95% bands of the posterior`,
    width: 470,
    height: 300,
    marginLeft: 58,
  })
  return figureHtml(title, svg, caption)
}

function keyHtml({ posterior, second, profiles }: ProfilesData): string {
  const bands = `<rect y="1" width="34" height="16" fill="${simulatedColour}" fill-opacity=".16"/><rect y="5" width="34" height="8" fill="${simulatedColour}" fill-opacity=".32"/>`
  const sign = (inside: string) => `<svg width="34" height="18" aria-hidden="true">${inside}</svg>`
  const items = [
    `${sign(`${bands}<path d="M0 9H34" stroke="${simulatedColour}" stroke-width="2"/>`)}${escapeHtml(posterior)}: median, 68%, 95%`,
  ]
  if (second !== undefined && profiles.some(profile => profile.second)) {
    const edges = `<path d="M0 3H34M0 15H34" stroke="${generatedColour}" stroke-dasharray="4 3"/><path d="M0 9H34" stroke="${generatedColour}" stroke-width="1.7"/>`
    items.push(`${sign(edges)}${escapeHtml(second)}: median, 95%`)
  }
  if (profiles.some(profile => profile.truth)) {
    items.push(`${sign('<path d="M0 9H34" stroke="currentColor" stroke-width="1.5" stroke-dasharray="6 3"/>')}truth`)
  }
  return `<div class="key">${items.map(item => `<span>${item}</span>`).join('')}</div>`
}
