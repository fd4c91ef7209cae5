import type { Field } from '../../io/galaxies/field.js'
import { generatedColour, simulatedColour } from '../style.js'
import { drawFigure } from '../svg.js'

/** Whose field is shown, and how much of it. */
export interface SlabOptions {
  readonly side: 'simulated' | 'generated'
  /** Mpc/h along z, from the lower face of the box */
  readonly thickness: number
  readonly description: string
}

/** Halos are drawn in so many classes of mass, a path each: a fifth of the bytes of a circle a halo. */
const massClassCount = 6

/** A slab of the field seen along z, each halo's area growing with its mass. */
export function slabPlot(field: Field, { side, thickness, description }: SlabOptions): string {
  const [lx, ly] = field.box.map(length => length ?? 1)
  const colour = side === 'simulated' ? simulatedColour : generatedColour
  const inSlab = Array.from({ length: field.points }, (_, i) => i).filter(i => field.positions[3 * i + 2] < thickness)
  const { classOf, radii } = massClasses(field)
  return drawFigure({
    description,
    width: 470,
    height: 456,
    x: { label: 'x  [Mpc/h]', domain: [0, lx], ticks: fifths(lx) },
    y: { label: 'y  [Mpc/h]', domain: [0, ly], ticks: fifths(ly) },
    marks: [
      (_index, scales, _values, _dimensions, context) => {
        const group = context.document.createElementNS('http://www.w3.org/2000/svg', 'g')
        group.setAttribute('stroke', colour)
        group.setAttribute('stroke-linecap', 'round')
        group.setAttribute('stroke-opacity', '0.62')
        for (const [mass, radius] of radii.entries()) {
          const members = inSlab.filter(i => classOf[i] === mass)
          if (members.length === 0) continue
          // a line of no length with round ends is a disc
          const places = members.map(i => {
            const px = Number(scales.x?.(field.positions[3 * i]))
            const py = Number(scales.y?.(field.positions[3 * i + 1]))
            return `M${px.toFixed(1)},${py.toFixed(1)}h0`
          })
          const path = context.document.createElementNS('http://www.w3.org/2000/svg', 'path')
          path.setAttribute('d', places.join(''))
          path.setAttribute('stroke-width', (2 * radius).toFixed(2))
          group.append(path)
        }
        return group
      },
    ],
  })
}

function fifths(length: number): number[] {
  return [0, 0.2, 0.4, 0.6, 0.8, 1].map(share => Number((share * length).toPrecision(6)))
}

/**
 * Classes equal in log mass, from the lightest to the 0.2% heaviest; radii in pixels, area as mass to the power 0.8.
 */
export function massClasses(field: Field): { classOf: Uint8Array; radii: number[] } {
  const { logMass, points } = field
  const classOf = new Uint8Array(points)
  if (logMass === undefined) return { classOf, radii: [1.5] }
  const ascending = logMass.slice().sort()
  const low = ascending[0] ?? 0
  const high = Math.max(low + 0.3, ascending[Math.floor(0.998 * points)] ?? 0)
  for (let i = 0; i < points; i++)
    classOf[i] = Math.max(
      0,
      Math.min(massClassCount - 1, Math.floor((massClassCount * (logMass[i] - low)) / (high - low))),
    )
  const radii = Array.from(
    { length: massClassCount },
    (_, mass) => 1.15 * 10 ** (0.4 * ((mass + 0.5) / massClassCount) * (high - low)),
  )
  return { classOf, radii }
}
