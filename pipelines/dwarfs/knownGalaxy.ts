import { UsageError } from '../../core/index.js'
import { galaxyCalled, type LocalVolumeGalaxy, localVolume } from '../../io/index.js'
import { nearest } from '../run/nearest.js'

/**
 * A galaxy of the Local Volume Database by what people call it: `fornax`, `Leo II`, `UMi`.
 * @throws UsageError that suggests the nearest name
 */
export async function knownGalaxy(name: string): Promise<LocalVolumeGalaxy> {
  const galaxies = await localVolume()
  const found = galaxyCalled(name, galaxies)
  if (found) return found
  const near = nearest(
    name,
    galaxies.flatMap(galaxy => [galaxy.name, galaxy.key]),
  )
  throw new UsageError(
    `expected one of the ${galaxies.length} dwarf galaxies of the Local Volume Database`,
    `got ${JSON.stringify(name)}`,
    `did you mean ${near}? Otherwise give its --distance in kpc`,
  )
}
