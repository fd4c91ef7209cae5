import type { Field } from '../../io/galaxies/field.js'
import { escapeHtml, figureHtml, gridHtml, numberText } from '../html.js'
import { cloudView } from './cloudView.js'
import { slabPlot } from './slabPlot.js'

/** One field to look at, of how many. */
export interface ShownField {
  readonly field: Field
  readonly count: number
}

/** How each parameter is written in the field, as HTML. */
const symbols: Readonly<Record<string, string>> = {
  omega_m: 'Ω<sub>m</sub>',
  omega_b: 'Ω<sub>b</sub>',
  h: 'h',
  n_s: 'n<sub>s</sub>',
  sigma_8: 'σ<sub>8</sub>',
}

/** Parameters and values in one line, as HTML. */
export function thetaHtml(theta: Readonly<Record<string, number>>, digits = 4): string {
  return Object.entries(theta)
    .map(([parameter, value]) => `${symbols[parameter] ?? escapeHtml(parameter)} = ${numberText(value, digits)}`)
    .join(', ')
}

/** A slab and the whole box of a field of each side; the views of one name turn together. */
export function fieldsHtml(name: string, generated: ShownField, simulated?: ShownField): string {
  const thickness = Math.round((generated.field.box[2] ?? 1) / 4)
  const sides = simulated
    ? ([
        ['simulated', simulated],
        ['generated', generated],
      ] as const)
    : ([['generated', generated]] as const)
  const slabs = sides.map(([side, { field, count }]) =>
    figureHtml(
      `${side === 'simulated' ? 'Simulated' : 'Generated'}, one of ${count} ${count === 1 ? 'field' : 'fields'}`,
      slabPlot(field, { side, thickness, description: `${side} halos of ${name} in a slab, seen along z` }),
      `Halos with z < ${thickness} Mpc/h; ${field.logMass ? 'the area of a dot grows with mass' : 'drawn without masses'}. ${field.points.toLocaleString('en')} halos in the box.`,
    ),
  )
  const clouds = sides.map(
    ([side, { field }]) =>
      `<figure>${cloudView(field, { side, group: name, description: `The ${side} field of ${name} in three dimensions.` })}<figcaption>${side === 'simulated' ? 'Simulated' : 'Generated'}: the whole box. Drag to turn; both turn together.</figcaption></figure>`,
  )
  return `${gridHtml(slabs, true)}
<div class="grid two wide view3d">${clouds.join('')}</div>`
}
