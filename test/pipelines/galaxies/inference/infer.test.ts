import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Interrupted, makeKey } from '../../../../core/index.js'
import { drawByLikelihood } from '../../../../generative/posterior/index.js'
import { productPrior } from '../../../../generative/prior/index.js'
import { type ParameterSummary, parameterSummaries } from '../../../../pipelines/answers/summaries.js'
import { fieldLikelihood } from '../../../../pipelines/galaxies/inference/fieldLikelihood.js'
import type { InferOptions } from '../../../../pipelines/galaxies/inference/infer.js'
import { likelihoodTarget } from '../../../../pipelines/galaxies/inference/likelihoodTarget.js'
import { loadGalaxiesModel, trainedRange } from '../../../../pipelines/galaxies/model.js'
import { quietContext } from '../../../../pipelines/run/index.js'
import { runOrShipped, shippedRun } from '../../../../pipelines/run/shipped.js'
import { evaluateGalaxies, inferField, trainGalaxies, trainOptions, writeFields } from '../tiny.js'
import { scattered } from './scattered.js'

t.setTimeout(240_000)

const folder = t.testdir({})
const data = join(folder, 'fields.h5')
const unseen = join(folder, 'unseen.h5')
await writeFields(
  data,
  Array.from({ length: 100 }, (_, i) => scattered('training', i)),
  { seed: 0 },
)
await writeFields(
  unseen,
  Array.from({ length: 12 }, (_, i) => scattered('unseen', i)),
  { seed: 0 },
)

const settings = [
  ...['embedding.width=8', 'embedding.layers=1', 'embedding.outputs=4', 'flow.layers=2', 'flow.width=12'],
  ...[
    'train.members=2',
    'train.steps=120',
    'train.ema=0.9',
    'train.batch=16',
    'train.points=16',
    'train.warmup=5',
    'train.learningRate=0.01',
  ],
  ...['train.validateEvery=20', 'train.checkpointEvery=40'],
]
const options = { ...trainOptions([data], join(folder, 'run'), settings), preset: undefined, objective: 'npe' as const }

/** Stops by a signal after so many steps. */
function interruptedAfter(steps: number) {
  const controller = new AbortController()
  let done = 0
  return quietContext(makeKey(0), {
    signal: controller.signal,
    progress: (_, label) => ({
      advance(more = 1) {
        done += label.startsWith('training') ? more : 0
        if (done >= steps)
          controller.abort(new Interrupted('expected to finish', 'got a signal', 'go on with --resume'))
      },
      stop: () => {},
    }),
  })
}

t.test('a posterior of fields, interrupted and resumed, ends in the same bytes', async t => {
  await trainGalaxies(options, quietContext(makeKey(0)))
  const parts = { ...options, out: join(folder, 'parts') }
  await t.rejects(trainGalaxies(parts, interruptedAfter(150)), Interrupted)
  t.notOk(existsSync(join(parts.out, 'model.safetensors')))
  await trainGalaxies({ ...parts, resume: true }, quietContext(makeKey(0)))
  const bytes = (run: string) => readFileSync(join(run, 'model.safetensors'))
  t.ok(bytes(parts.out).equals(bytes(join(folder, 'run'))))
  t.match(readFileSync(join(folder, 'run', 'model-card.md'), 'utf8'), /from 100 fields \(fields\.h5\)/)
})

const infer = async (changes: Partial<InferOptions>) => {
  let said: unknown
  const { set: _set, ...rest } = options
  await inferField(
    { ...rest, set: [], out: undefined, data: [unseen], index: 0, method: 'npe', n: 400, ...changes },
    quietContext(makeKey(3), { json: result => (said = result) }),
  )
  return said as {
    readonly parameters: Readonly<Record<string, ParameterSummary>>
    readonly diagnostics: Readonly<Record<string, number>>
    readonly n: number
    readonly beside?: { readonly method: string; readonly parameters: Readonly<Record<string, ParameterSummary>> }
  }
}

t.test('draws of one field of several go to a file and a page', async t => {
  const run = join(folder, 'run')
  const out = join(folder, 'draws.csv')
  const { n, parameters } = await infer({ run, out, index: 1 })
  t.equal(n, 400)
  t.ok(parameters.omega_m.q05 > 0.09 && parameters.sigma_8.q95 < 1.02, 'inside the prior')
  t.match(readFileSync(out, 'utf8').split('\n')[0], /^omega_m,sigma_8,log_prob/)
  t.ok(existsSync(join(folder, 'draws.html')))
  await t.rejects(infer({ run, index: 12 }), /expected --index from 0 to 11/)
})

t.test(
  'judged by fields that it has not seen it has learned what they tell: the mass of halos, the speed of halos',
  async t => {
    let said: unknown
    const { set: _set, ...rest } = options
    const judged = { ...rest, set: [], out: join(folder, 'judged.html'), run: join(folder, 'run') }
    await evaluateGalaxies(
      { ...judged, data: [unseen], method: 'npe', n: 200 },
      quietContext(makeKey(3), { json: result => (said = result) }),
    )
    const { metrics, fields } = said as { metrics: Record<string, { value: number; error: number }>; fields: number }
    t.equal(fields, 12)
    // uniform priors have a deviation of .115
    for (const name of ['omega_m', 'sigma_8'])
      t.ok(metrics[`rmse_${name}`].value < 0.075, `${name} within ${metrics[`rmse_${name}`].value}`)
    t.ok(metrics.joint_68.value >= 0 && metrics.joint_68.value <= 1 && metrics.joint_95.error > 0)
    t.ok(existsSync(join(folder, 'judged.html')))
  },
)

t.test(
  'by the likelihood of the shipped model: four roads agree, and one of them by the command',
  { skip: shippedRun('galaxies') ? false : 'none ships yet' },
  async t => {
    const run = runOrShipped('galaxies', undefined)
    const model = await loadGalaxiesModel(run)
    const field = scattered('small', 0, 1080)
    const likelihood = await fieldLikelihood(model, field, { draws: 1, threads: 1, key: makeKey(5) })
    const names = Object.keys(model.normalisation.theta)
    const prior = productPrior(
      Object.fromEntries(
        names.map(name => [name, { uniform: [...trainedRange(model.normalisation, name)] as [number, number] }]),
      ),
    )
    const found = []
    for (const method of ['nuts', 'ensemble', 'nested', 'vi'] as const) {
      const { theta, diagnostics } = await drawByLikelihood({
        method,
        likelihood: likelihoodTarget(likelihood, names, 0.3),
        prior,
        n: 2000,
        key: makeKey(6),
      })
      const { rhat, ess, acceptance } = diagnostics
      t.ok(rhat < 1.1 && ess > 100 && acceptance > 0 && acceptance <= 1, `${method}: ${JSON.stringify(diagnostics)}`)
      found.push({ method, parameters: parameterSummaries(names, theta) })
    }
    const [first] = found
    for (const name of ['omega_m', 'sigma_8', 'n_s'])
      for (const { method, parameters } of found.slice(1)) {
        const [a, b] = [first.parameters[name], parameters[name]]
        // some hundred independent draws at least, each way
        t.ok(Math.abs(b.mean - a.mean) < 4 * a.sd * Math.sqrt(2 / 150), `${name} by ${method}: ${b.mean} and ${a.mean}`)
        t.ok(Math.abs(b.sd / a.sd - 1) < 0.3, `${name} by ${method}: deviation ${b.sd} and ${a.sd}`)
      }
    const file = join(folder, 'small.h5')
    await writeFields(file, [field], { seed: 0 })
    const beside = shippedRun('galaxies-posterior') === undefined ? {} : { beside: 'npe' as const }
    const page = { out: join(folder, 'small.csv') }
    const said = await infer({ run, data: [file], method: 'nuts', n: 800, threads: 2, ...page, ...beside })
    const { parameters, diagnostics } = said
    if (beside.beside !== undefined) {
      t.equal(said.beside?.method, 'npe')
      t.same(Object.keys(said.beside?.parameters ?? {}), names)
      t.match(readFileSync(join(folder, 'small.html'), 'utf8'), /npe: 68% solid/)
    }
    t.same(Object.keys(parameters), names)
    t.ok(diagnostics.rhat < 1.1 && diagnostics.ess > 100 && diagnostics.divergences !== undefined)
  },
)
