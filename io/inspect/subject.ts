import { kinds as ours } from '../kinds.js'
import type { ObjectKind, Shapes } from '../objects/index.js'

/** A dataset or column by name and shape (the first axis the number of objects). */
export interface Shaped {
  readonly name: string
  readonly shape: readonly number[] | null
}

/** Subjects that have no declaration, by the datasets that mark them: each list of names is enough. */
const otherSubjects: readonly (readonly [subject: string, ...marks: readonly (readonly string[])[]])[] = [
  ['posterior draws', ['draws']],
  ['jets', ['particle_features']],
  ['molecules', ['positions', 'species']],
  ['lenses', ['psf', 'image'], ['psf', 'image_data']],
  ['maps', ['maps']],
  ['images', ['images']],
]

/**
 * Which subject the datasets look like, by a few names of datasets and by the declarations of `kinds`; null where none.
 */
export function subjectOf(items: readonly Shaped[], kinds: readonly ObjectKind<unknown>[] = ours): string | null {
  const shapes = shapesOf(items)
  const marked = otherSubjects.find(([, ...marks]) => marks.some(names => names.every(name => shapes.has(name))))
  return marked?.[0] ?? kindOf(items, kinds)?.subject ?? null
}

/** The declared kind that the datasets look like. */
export function kindOf(
  items: readonly Shaped[],
  kinds: readonly ObjectKind<unknown>[] = ours,
): ObjectKind<unknown> | undefined {
  const shapes = shapesOf(items)
  return kinds.find(kind => kind.looksLike?.(shapes) ?? hasColumns(kind, shapes))
}

function shapesOf(items: readonly Shaped[]): Shapes {
  return new Map(items.map(({ name, shape }) => [name.replace(/^\//, ''), shape ?? []]))
}

/** All columns that have to be there, of the declared ranks and widths. */
function hasColumns({ columns, points }: ObjectKind<unknown>, shapes: Shapes): boolean {
  return columns.every(({ name, shape, width, optional }) => {
    const found = shapes.get(name)
    if (!found) return optional === true
    const padding = points?.layout === 'padded' && shape === 'point' ? 1 : 0
    if (shape === 'row') return found.length === 2
    return (
      found.length === 1 + padding + (width === undefined ? 0 : 1) && (width === undefined || found.at(-1) === width)
    )
  })
}
