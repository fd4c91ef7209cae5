export {
  findRealisations,
  looksLikeQuijote,
  quijoteBox,
  quijoteRedshifts,
  type Realisation,
  snapshotBase,
} from './folder.js'
export { countFofGroups, type FofCatalogue, readFofCatalogue, tabPath } from './friendsOfFriends.js'
export { type GadgetHeader, type GadgetSlice, gadgetFirstPart, gadgetParticles, readGadgetHeader } from './gadget.js'
