import { existsSync } from 'node:fs'
import { makeRungs } from '../../generative/ladder/index.js'
import { betweenLevels } from '../../generative/pairs/index.js'
import type { Field } from '../../io/galaxies/field.js'
import { percentText } from '../../report/html.js'
import { inOrder } from '../stream/index.js'
import { loadLadder, saveLadder } from './coefficientFiles.js'
import { fitLadder, haloRungs, type LadderModel } from './ladderModel.js'
import type { PairModel } from './pairModel.js'
import { spread, type TrainStage } from './trainStage.js'

/** A score is shrunk for prediction; a rung should be biased less to small drifts. */
const ridgeShare = 0.5

/** The ladder of a run: fitted once on the features of the pair score, then read from its file. */
export async function ladderOf(stage: TrainStage, pairs: PairModel): Promise<LadderModel> {
  const { folder, config, data, split, key, threads, context } = stage
  const path = folder.file('ladder.safetensors')
  if (existsSync(path)) return loadLadder(path)
  const indices = spread(split.training, config.ladder.fields)
  const fields: Field[] = []
  for await (const { item } of inOrder(data, indices)(context.signal)) fields.push(item)
  const rungs = makeRungs({ ...haloRungs, evaluations: config.ladder.rungs })
  const progress = context.progress(
    rungs.length,
    `fitting a ladder of ${rungs.length} rungs on ${fields.length} fields`,
  )
  try {
    const model = await fitLadder({
      fields,
      basis: pairs.basis,
      rungs,
      ridge: sigma => ridgeAt(pairs, sigma),
      seed: key.split('ladder').words[0],
      threads,
      signal: context.signal,
      onRung: ({ rung, sigma, explained, closePairs }) => {
        progress.advance()
        const close = Number.isFinite(closePairs)
          ? `, pairs within 5 Mpc/h ${signedPercent(closePairs)} of simulated`
          : ''
        context.log.info(
          `rung ${rung + 1}: sigma ${sigma.toFixed(1)} Mpc/h, drift explains ${signedPercent(explained)}${close}`,
        )
      },
    })
    saveLadder(path, model)
    return model
  } finally {
    progress.stop()
  }
}

function signedPercent(share: number): string {
  return `${share < 0 ? '' : '+'}${percentText(share)}`
}

/**
 * The ridge of a rung: a share of what held-out fields chose for the pair score, between levels linear in the
 * logarithms.
 */
export function ridgeAt({ score }: PairModel, sigma: number): number {
  const { low, high, share } = betweenLevels(score.sigmas, sigma)
  const [below, above] = [score.diagnostics[low].ridge, score.diagnostics[high].ridge]
  return ridgeShare * below ** (1 - share) * above ** share
}
