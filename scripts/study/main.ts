import { messageOf, StippleError } from '../../core/index.js'
import { dwarfsWeights } from './dwarfsWeights.js'
import { explained } from './explained.js'
import { fewSteps } from './fewSteps.js'
import { galaxiesLikelihood } from './galaxiesLikelihood.js'
import { galaxiesPosterior } from './galaxiesPosterior.js'
import { galaxiesRoads } from './galaxiesRoads.js'
import { galaxiesWeights } from './galaxiesWeights.js'
import { golden } from './golden.js'
import { knownFields } from './knownFields.js'
import { logEvidence } from './logEvidence.js'
import { mockStars } from './mockStars.js'
import { onnxCheck } from './onnxCheck.js'
import { pairScore } from './pairScore.js'
import { response } from './response.js'
import { sbiBenchmark } from './sbiBenchmark.js'

/** `npm run study -- NAME`: checks against outside programs that no test may need. */
const studies: Readonly<Record<string, () => Promise<void>>> = {
  'dwarfs-weights': dwarfsWeights,
  explained,
  'few-steps': fewSteps,
  'galaxies-likelihood': galaxiesLikelihood,
  'galaxies-posterior': galaxiesPosterior,
  'galaxies-roads': galaxiesRoads,
  'galaxies-weights': galaxiesWeights,
  golden,
  'log-evidence': logEvidence,
  'known-fields': knownFields,
  'mock-stars': mockStars,
  'onnx-check': onnxCheck,
  'pair-score': pairScore,
  response,
  'sbi-benchmark': sbiBenchmark,
}

const [name] = process.argv.slice(2)
const study = studies[name ?? '']
if (study === undefined) {
  process.stderr.write(`stipple: expected a study, one of ${Object.keys(studies).join(' ')}; got ${name ?? 'none'}\n`)
  process.exitCode = 2
} else {
  try {
    await study()
  } catch (error) {
    process.stderr.write(`stipple: ${messageOf(error)}\n`)
    process.exitCode = error instanceof StippleError ? error.exitCode : 1
  }
}
