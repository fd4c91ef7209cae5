export { checkedDwarf, requireMembership, requireStars, requireVelocities } from './check.js'
export type { Dwarf } from './dwarf.js'
export { dwarfs } from './dwarfs.js'
export { dsphsGnn, dwarfParameterName, jeansGnn } from './jeansGnn.js'
export {
  createDwarfs,
  type DwarfChunks,
  type DwarfParts,
  type DwarfSource,
  openDwarfChunks,
  openDwarfParts,
  openDwarfs,
  type PartFacts,
  readDwarfs,
} from './legacy.js'
export { galaxyCalled, type LocalVolumeGalaxy, localVolume, type Measured } from './localVolume.js'
export { readStarsCsv, type StarTable } from './starsCsv.js'
export { requireKmPerSecond, requireKpc, requireSky } from './units.js'
