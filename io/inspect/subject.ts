/** A dataset or column by name and shape (the first axis the number of objects). */
export interface Shaped {
  readonly name: string
  readonly shape: readonly number[] | null
}

/**
 * Which subject of ours the datasets look like, by the layouts of the command line's contract; null where none.
 */
export function subjectOf(items: readonly Shaped[]): string | null {
  const shapes = new Map(items.map(({ name, shape }) => [name.replace(/^\//, ''), shape ?? []]))
  const has = (...names: string[]): boolean => names.every(name => shapes.has(name))
  const rank = (name: string): number => shapes.get(name)?.length ?? -1
  if (has('draws')) return 'posterior draws'
  if (has('particle_features')) return 'jets'
  if (has('positions', 'species')) return 'molecules'
  if (has('positions', 'theta') && rank('positions') === 3 && shapes.get('positions')?.[2] === 3) return 'galaxies'
  if (has('positions', 'velocities') && (has('offsets') || rank('velocities') === 1)) return 'dwarfs'
  if (has('pos', 'vel', 'labels') || has('pos', 'vel', 'ptr') || has('features', 'labels', 'ptr')) return 'dwarfs'
  if (has('psf') && (has('image') || has('image_data'))) return 'lenses'
  if (has('maps')) return 'maps'
  if (has('images')) return 'images'
  const names = [...shapes.keys()]
  if (has('v_los', 'v_err') && (has('ra', 'dec') || has('x', 'y'))) return 'dwarfs'
  if (has('x', 'theta') || (names.some(name => name.startsWith('theta_')) && names.some(name => name.startsWith('x_'))))
    return 'densities'
  return null
}
