export { localWalks, localWalksAndLeaps } from './localWalks.js'
export {
  differenceLeap,
  globalWalks,
  type MakeParticleMoves,
  type MovingParticles,
  type ParticleMove,
  type Proposals,
} from './particleMoves.js'
export { type TemperedDraws, type TemperedOptions, type TemperedRequest, temperedDraws } from './temperedDraws.js'
export { type JudgedSmcRun, type SmcOptions, type SmcRequest, type SmcRun, temperedSmc } from './temperedSmc.js'
