import t from 'tap'
import { objectiveNames } from '../../generative/diffusion/objectives.js'
import { samplerNames } from '../../generative/diffusion/samplers/samplers.js'
import { flowKinds } from '../../generative/flow/flows.js'
import { solvers } from '../../generative/matching/solvers.js'
import { embeddingKinds } from '../../gnn/embeddings/embeddings.js'
import { networkKinds } from '../../gnn/networks/networks.js'

/** Where tfjs keeps its engine, one a process. */
const isLoaded = () => '_tfengine' in globalThis

t.test('names are read without a tensor library: help and configurations need them', async t => {
  for (const names of [samplerNames, objectiveNames, flowKinds, embeddingKinds, networkKinds, Object.keys(solvers)])
    t.ok(names.length > 0)
  t.equal(isLoaded(), false)
  await import('@tensorflow/tfjs')
  t.equal(isLoaded(), true, 'the check can fail')
})
