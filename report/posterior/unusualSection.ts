import * as Plot from '@observablehq/plot'
import { figureHtml, numberText } from '../html.js'
import type { Section } from '../page.js'
import { faint, generatedColour, simulatedColour } from '../style.js'
import { drawFigure } from '../svg.js'
import { histogramBars } from './bars.js'

/** How far from the centre of the training data an observation lies, among held-out simulated ones. */
export interface UnusualData {
  readonly distance: number
  /** Of held-out simulated observations */
  readonly distances: ArrayLike<number>
  /** Of those that lie farther out */
  readonly share: number
  readonly flagged: boolean
  /** What is observed; an observation where absent */
  readonly noun?: { readonly one: string; readonly many: string }
}

/** Is the observation like what the network was trained on? A section of one figure. */
export function unusualSection(unusual: UnusualData): Section {
  return { title: titleOf(unusual), html: `<div class="narrow">${figureOf(unusual, '')}</div>` }
}

/** The same figure with its title above it, for a section that holds others beside it. */
export function unusualFigure(unusual: UnusualData): string {
  return figureOf(unusual, titleOf(unusual))
}

const observation = { one: 'observation', many: 'observations' }

const bins = 40

function titleOf({ noun = observation }: UnusualData): string {
  return `Like the training ${noun.many}?`
}

function figureOf({ distance, distances, share, flagged, noun = observation }: UnusualData, title: string): string {
  const ascending = Float64Array.from(distances).sort()
  const high = 1.1 * Math.max(distance, ascending[ascending.length - 1])
  const low = 0.9 * Math.min(distance, ascending[0])
  const bars = Array.from({ length: bins }, (_, k) => ({
    x1: low + (k / bins) * (high - low),
    x2: low + ((k + 1) / bins) * (high - low),
    count: 0,
  }))
  for (const one of ascending) bars[Math.min(bins - 1, Math.floor(((one - low) / (high - low)) * bins))].count++
  const colour = flagged ? generatedColour : simulatedColour
  const onTheRight = distance > (low + high) / 2
  const svg = drawFigure({
    description: `Distance of this ${noun.one} from the training ${noun.many} beside that of held-out ones`,
    height: 340,
    x: { label: `distance from the training ${noun.many}`, domain: [low, high] },
    y: { label: `held-out simulated ${noun.many}` },
    marks: [
      histogramBars(bars, faint, 0.5),
      Plot.ruleX([distance], { stroke: colour, strokeWidth: 2.4 }),
      Plot.text([distance], {
        x: distance,
        text: () => `this ${noun.one}`,
        frameAnchor: 'top',
        dy: 10,
        dx: onTheRight ? -7 : 7,
        textAnchor: onTheRight ? 'end' : 'start',
        fill: colour,
        fontWeight: 600,
        stroke: 'white',
        strokeWidth: 4,
      }),
    ],
  })
  const found = `${numberText(100 * share)}% of held-out simulated ${noun.many} lie farther out in the network's summary of the data.`
  return figureHtml(title, svg, flagged ? `${found} The posterior is not to be trusted.` : found)
}
