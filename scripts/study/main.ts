import { UsageError } from '../../core/index.js'
import { complain } from '../runLine.js'
import { dwarfsWeights } from './dwarfsWeights.js'
import { explained } from './explained.js'
import { fewSteps } from './fewSteps.js'
import { galaxiesLikelihood } from './galaxiesLikelihood.js'
import { galaxiesPosterior } from './galaxiesPosterior.js'
import { galaxiesSamplers } from './galaxiesSamplers.js'
import { galaxiesWeights } from './galaxiesWeights.js'
import { golden } from './golden.js'
import { knownFields } from './knownFields.js'
import { logEvidence } from './logEvidence.js'
import { mockStars } from './mockStars.js'
import { onnxCheck } from './onnxCheck.js'
import { pairScore } from './pairScore.js'
import { response } from './response.js'
import { sbiBenchmark } from './sbiBenchmark.js'

/** `npm run study -- NAME`: what is made or measured once, for hours or with programs that no test may need. */
const studies: Readonly<Record<string, () => Promise<void>>> = {
  'dwarfs-weights': dwarfsWeights,
  explained,
  'few-steps': fewSteps,
  'galaxies-likelihood': galaxiesLikelihood,
  'galaxies-posterior': galaxiesPosterior,
  'galaxies-samplers': galaxiesSamplers,
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
try {
  const known = Object.keys(studies)
  if (name === undefined || !known.includes(name))
    throw new UsageError(`expected a study of ${known.join(', ')}`, `got ${name ?? 'none'}`, 'name one of them')
  await studies[name]()
} catch (error) {
  process.exitCode = complain(error, false, process)
}
