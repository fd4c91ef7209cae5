import { basename } from 'node:path'
import { writeAtomic } from '../../../io/index.js'
import type { TrainOptions } from '../options.js'
import type { PosteriorConfig } from './posteriorConfig.js'
import type { ThetaBox } from './posteriorNetwork.js'

/** What a posterior of fields was made from, and where it holds. */
export function writePosteriorCard(
  path: string,
  options: TrainOptions,
  { embedding, flow, train }: PosteriorConfig,
  box: ThetaBox,
  result: {
    readonly fields: number
    readonly steps: number
    readonly seconds: number
    readonly information: readonly number[]
  },
): void {
  const rows = Object.entries(box).map(
    ([name, [low, high]]) => `| ${name} | ${low.toPrecision(4)} | ${high.toPrecision(4)} |`,
  )
  writeAtomic(
    path,
    `# Model card: cosmological parameters from one field of halos

Made by stipple with seed ${options.seed} from ${result.fields} fields (${options.data.map(file => basename(file)).join(', ')}). ${train.members} networks, each with held-out fields
of its own: neighbourhoods of ${train.points} halos a step (deep sets of ${embedding.layers} layers of ${embedding.width}, ${embedding.outputs} outputs, beside statistics of the whole field), flow ${flow.kind}
(${flow.layers} layers of ${flow.width}); ${result.steps} steps in all, ${(result.seconds / 60).toFixed(1)} min on ${options.threads} threads, each ended by validation.

Held-out fields are told ${result.information.map(x => x.toFixed(2)).join(', ')} nats beyond the prior.

The prior is uniform:

| parameter | least | most |
|---|---|---|
${rows.join('\n')}

Halos with masses and velocities, the heaviest of a periodic box, as in the fields trained on: other number densities, boxes or halo finders are outside.
`,
  )
}
