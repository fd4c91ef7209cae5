import { type Key, makeKey, type Posterior, parametersOf, uniform } from '../../core/index.js'
import { drawByLikelihood, likelihoodMethods, normalCdf } from '../../generative/posterior/index.js'
import { drawPrior, type ProductPrior, productPrior } from '../../generative/prior/index.js'
import { describeSimulations, makeRowMethod, type Row, simulationsOf, trainMethod } from '../../generative/sbi/index.js'
import { writeAtomic } from '../../io/index.js'
import { momentsOfDraws } from '../../pipelines/galaxies/inference/jointRegion.js'
import {
  clusterField,
  fieldLikelihoodTarget,
  gaussianRandomField,
  type KnownField,
  randomParents,
} from '../../simulators/index.js'
import { print } from './print.js'
import { wrapped } from './wrapped.js'

const fieldCount = 5
const drawCount = 4000
const simulationCount = 8000
/** a multiple of the bins */
const gridCells = 160
const binCount = 20
const page = 'docs/known-fields.md'

/** A field whose likelihood is known, and the numbers that a posterior network is given of it. */
interface Case {
  readonly name: string
  readonly field: KnownField
  summary(x: Float32Array): number[]
}

/** Marginal means and deviations of both parameters, and the evidence. */
interface Moments {
  readonly mean: readonly number[]
  readonly sd: readonly number[]
  readonly logZ?: number
}

function cases(): Case[] {
  const cells = 16
  const gaussian = gaussianRandomField({ cells })
  const box = 10
  const parents = randomParents(makeKey(4), 8, box)
  return [
    { name: `Gaussian random field, ${cells} x ${cells}`, field: gaussian, summary: x => powers(x, cells) },
    {
      name: 'Poisson cluster process, 8 parents',
      field: clusterField({ box, parents, background: 0.2 }),
      summary: x => separations(x, parents, box),
    },
  ]
}

/** ln of the mean square of the Fourier modes in shells of |k|, by a plain sum: a few hundred numbers a field. */
function powers(x: Float32Array, n: number): number[] {
  const shells = Math.round((n / 2) * Math.SQRT2)
  const [sums, counts] = [new Float64Array(shells), new Float64Array(shells)]
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) {
      const k = Math.hypot(Math.min(a, n - a), Math.min(b, n - b))
      const shell = Math.round(k) - 1
      if (k === 0 || shell >= shells) continue
      let [re, im] = [0, 0]
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const angle = (2 * Math.PI * (a * i + b * j)) / n
          re += x[i * n + j] * Math.cos(angle)
          im += x[i * n + j] * Math.sin(angle)
        }
      sums[shell] += re ** 2 + im ** 2
      counts[shell]++
    }
  return Array.from(sums, (sum, i) => (counts[i] > 0 ? Math.log(sum / counts[i] / n ** 2) : 0))
}

/** How many points there are, and how many of them within growing distances of the parent that is nearest. */
function separations(x: Float32Array, parents: Float32Array, box: number): number[] {
  const radii = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, 1.5, 2, 2.6]
  const counts = radii.map(() => 0)
  const across = (d: number) => Math.abs(d - box * Math.round(d / box))
  for (let i = 0; i < x.length; i += 2) {
    let nearest = Number.POSITIVE_INFINITY
    for (let j = 0; j < parents.length; j += 2)
      nearest = Math.min(nearest, Math.hypot(across(x[i] - parents[j]), across(x[i + 1] - parents[j + 1])))
    radii.forEach((radius, k) => {
      if (nearest < radius) counts[k]++
    })
  }
  return [x.length / 2, ...counts].map(count => Math.sqrt(count))
}

/** The posterior under a uniform prior, by sums over a grid of the prior's cube. */
function exact(field: KnownField, x: Float32Array): Moments & { readonly marginals: Float64Array[] } {
  const likelihood = field.likelihood(x)
  const [low, wide] = [0, 1].map(side => field.ranges.map(range => (side === 0 ? range[0] : range[1] - range[0])))
  const theta = (i: number, p: number) => low[p] + ((i + 0.5) / gridCells) * wide[p]
  const logs = new Float64Array(gridCells * gridCells)
  for (let i = 0; i < gridCells; i++)
    for (let j = 0; j < gridCells; j++) logs[i * gridCells + j] = likelihood([theta(i, 0), theta(j, 1)])
  const most = Math.max(...logs)
  const weights = logs.map(log => Math.exp(log - most))
  const total = weights.reduce((a, b) => a + b, 0)
  const marginals = [0, 1].map(p => {
    const marginal = new Float64Array(binCount)
    weights.forEach((w, at) => {
      const i = p === 0 ? Math.floor(at / gridCells) : at % gridCells
      marginal[Math.floor((i * binCount) / gridCells)] += w / total
    })
    return marginal
  })
  const mean = [0, 1].map(p =>
    weights.reduce(
      (sum, w, at) => sum + (w / total) * theta(p === 0 ? Math.floor(at / gridCells) : at % gridCells, p),
      0,
    ),
  )
  const sd = [0, 1].map(p =>
    Math.sqrt(
      weights.reduce(
        (sum, w, at) =>
          sum + (w / total) * (theta(p === 0 ? Math.floor(at / gridCells) : at % gridCells, p) - mean[p]) ** 2,
        0,
      ),
    ),
  )
  return { mean, sd, logZ: most + Math.log(total / gridCells ** 2), marginals }
}

function momentsOf(theta: Float64Array): Moments {
  const { mean, covariance } = momentsOfDraws(theta, 2, [0, 1])
  return { mean, sd: [0, 1].map(p => Math.sqrt(covariance.get(p, p))) }
}

/** The larger of both marginals' total variation from the exact ones, in bins of a twentieth of the prior. */
function distance(theta: Float64Array, field: KnownField, marginals: readonly Float64Array[]): number {
  const n = theta.length / 2
  return Math.max(
    ...marginals.map((marginal, p) => {
      const [low, high] = field.ranges[p]
      const drawn = new Float64Array(binCount)
      for (let at = p; at < theta.length; at += 2)
        drawn[Math.min(binCount - 1, Math.max(0, Math.floor((binCount * (theta[at] - low)) / (high - low))))] += 1 / n
      return drawn.reduce((sum, share, b) => sum + Math.abs(share - marginal[b]), 0) / 2
    }),
  )
}

async function amortised({ field, summary }: Case, prior: ProductPrior, key: Key): Promise<Posterior<Row>> {
  const theta = drawPrior(prior, simulationCount, key.split('theta'))
  const z = Float32Array.from(prior.toNormal(theta))
  const x = Float32Array.from(
    Array.from({ length: simulationCount }, (_, i) =>
      summary(field.simulate(theta.subarray(2 * i, 2 * i + 2), key.split('x').split(i))),
    ).flat(),
  )
  const table = { rows: simulationCount, z, x }
  const method = makeRowMethod('npe', { parameters: parametersOf(prior), statistics: describeSimulations(table) })
  const { params } = await trainMethod(method, simulationsOf(table), { threads: 1 }, key.split('train'))
  return method.posterior([params], { threads: 1 })
}

/**
 * `npm run study -- known-fields`: where p(x | theta) is known, do all methods lead to the same posterior? Five fields
 * each of a Gaussian random field and of a Poisson cluster process, the posterior summed on a grid, and beside it NUTS,
 * HMC, an ensemble, nested sampling and variational inference of the same likelihood, and NPE that has only seen
 * simulations. Writes docs/known-fields.md.
 */
export async function knownFields(): Promise<void> {
  const sections: string[] = []
  for (const one of cases()) {
    const { name, field } = one
    const prior = productPrior(
      Object.fromEntries(
        field.parameters.map((parameter, p) => [parameter, { uniform: [...field.ranges[p]] as [number, number] }]),
      ),
    )
    const key = makeKey(8).split(name)
    let began = performance.now()
    const posterior = await amortised(one, prior, key.split('npe'))
    const training = (performance.now() - began) / 1000
    const methods = [...likelihoodMethods, 'npe'] as const
    const found = Object.fromEntries(
      methods.map(method => [
        method,
        { tv: [] as number[], shift: [] as number[], width: [] as number[], logZ: [] as number[], seconds: 0 },
      ]),
    )
    for (let index = 0; index < fieldCount; index++) {
      const own = key.split('field').split(index)
      const truth = Array.from(uniform(own.split('theta'), 2), (u, p) => {
        const [low, high] = field.ranges[p]
        return low + (high - low) * (0.15 + 0.7 * u)
      })
      const x = field.simulate(truth, own.split('x'))
      const target = exact(field, x)
      for (const method of methods) {
        began = performance.now()
        const drawn =
          method === 'npe'
            ? await posterior.draw(Float64Array.from(one.summary(x)), drawCount, own.split('npe'))
            : await drawByLikelihood({
                method,
                likelihood: fieldLikelihoodTarget(field, x),
                prior,
                n: drawCount,
                key: own,
              })
        const into = found[method]
        into.seconds += (performance.now() - began) / 1000 / fieldCount
        const moments = momentsOf(drawn.theta)
        into.tv.push(distance(drawn.theta, field, target.marginals))
        for (const p of [0, 1]) {
          into.shift.push(Math.abs(moments.mean[p] - target.mean[p]) / target.sd[p])
          into.width.push(moments.sd[p] / target.sd[p])
        }
        const { log_evidence: logZ } = drawn.diagnostics
        if (logZ !== undefined && target.logZ !== undefined) into.logZ.push(Math.abs(logZ - target.logZ))
      }
      print(`${name}: field ${index + 1} of ${fieldCount}`)
    }
    await posterior.close()
    const most = (values: readonly number[]) => (values.length > 0 ? Math.max(...values).toFixed(3) : '')
    const rows = methods.map(method => {
      const { tv, shift, width, logZ, seconds } = found[method]
      const widths = `${Math.min(...width).toFixed(2)}-${Math.max(...width).toFixed(2)}`
      return `| ${method} | ${most(tv)} | ${most(shift)} | ${widths} | ${most(logZ)} | ${seconds.toFixed(2)} |`
    })
    sections.push(
      [
        `## ${name}: ${field.parameters.join(', ')}`,
        '',
        '| method | marginals apart (total variation) | mean off, in deviations | deviation over the exact | ln Z off, nats | seconds a field |',
        '|---|---|---|---|---|---|',
        ...rows,
        '',
        wrapped(
          `NPE was trained on ${simulationCount} simulations in ${training.toFixed(0)} s. ${drawCount} independent draws would be apart by some ${chance().toFixed(3)}.`,
        ),
      ].join('\n'),
    )
  }
  writeAtomic(
    page,
    [
      '# Methods for a posterior that is known',
      '',
      wrapped(
        `Made by \`npm run study -- known-fields\`: ${fieldCount} fields each, the worst of them in each column; the exact posterior is summed on a grid of ${gridCells} x ${gridCells}.`,
      ),
      '',
      `${sections.join('\n\n')}\n`,
    ].join('\n'),
  )
  print(page)
}

/**
 * Expected total variation of draws about a normal marginal that fills a third of the bins: half the sum of |binomial
 * noise|.
 */
function chance(): number {
  const width = binCount / 12
  const shares = Array.from({ length: binCount }, (_, b) => {
    const at = (b - binCount / 2) / width
    return normalCdf(at + 1 / width) - normalCdf(at)
  })
  return shares.reduce((sum, p) => sum + Math.sqrt((2 * p * (1 - p)) / (Math.PI * drawCount)), 0) / 2
}
