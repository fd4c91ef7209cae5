import { readFileSync } from 'node:fs'
import { inverse, Matrix } from 'ml-matrix'
import { type Key, uniform } from '../../core/index.js'
import { gaussianPrior } from '../../generative/prior/index.js'
import { dataFile } from './reference.js'
import { mapRows, numbered, type Task } from './task.js'

const parameterCount = 10
const binCount = 100

const prior = gaussianPrior(numbered('parameter', parameterCount), new Float64Array(parameterCount), covarianceOf())

/**
 * An offset of variance 2, and a filter whose precision F^T F, with F = D D + diag(sqrt(i / 9)) and D first
 * differences, makes it smooth.
 */
function covarianceOf(): Float64Array {
  const m = parameterCount - 1
  const differences = new Matrix(m, m)
  for (let i = 0; i < m; i++) {
    differences.set(i, i, 1)
    if (i > 0) differences.set(i, i - 1, -1)
  }
  const factor = differences.mmul(differences)
  for (let i = 0; i < m; i++) factor.set(i, i, factor.get(i, i) + Math.sqrt(i / m))
  const root = inverse(factor)
  const filter = root.mmul(root.transpose())
  const out = new Float64Array(parameterCount * parameterCount)
  out[0] = 2
  // rounding leaves the product not quite symmetric
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) out[(i + 1) * parameterCount + j + 1] = (filter.get(i, j) + filter.get(j, i)) / 2
  return out
}

let once: Float64Array | undefined

/**
 * `[100, 10]`: a one for the offset, then the stimulus of this and the eight bins before it. The stimulus is frozen:
 * numbers of data/sbi/stimulus.json.
 */
export function designMatrix(): Float64Array {
  if (once) return once
  const { stimulus } = JSON.parse(readFileSync(dataFile('stimulus.json'), 'utf8')) as { stimulus: number[] }
  once = Float64Array.from({ length: binCount * parameterCount }, (_, at) => {
    const [bin, column] = [Math.floor(at / parameterCount), at % parameterCount]
    return column === 0 ? 1 : (stimulus[bin - column + 1] ?? 0)
  })
  return once
}

/** psi = design theta, `[100]` */
function fieldsOf(theta: Float64Array): Float64Array {
  const design = designMatrix()
  const out = new Float64Array(binCount)
  for (let bin = 0; bin < binCount; bin++) {
    let sum = 0
    for (let j = 0; j < parameterCount; j++) sum += design[bin * parameterCount + j] * theta[j]
    out[bin] = sum
  }
  return out
}

/** Spikes, 0 or 1: `[n, 100]` */
function spikes(theta: Float64Array, key: Key): Float64Array {
  const n = theta.length / parameterCount
  const chance = uniform(key, n * binCount)
  const out = new Float64Array(n * binCount)
  for (let row = 0; row < n; row++) {
    const fields = fieldsOf(theta.subarray(row * parameterCount, (row + 1) * parameterCount))
    for (let bin = 0; bin < binCount; bin++) {
      const at = row * binCount + bin
      out[at] = chance[at] < 1 / (1 + Math.exp(-fields[bin])) ? 1 : 0
    }
  }
  return out
}

/**
 * What the likelihood depends on: the number of spikes and the nine sums of the stimulus before them, design^T y; `[n,
 * 10]`
 */
function summaries(raw: Float64Array): Float64Array {
  const design = designMatrix()
  const out = new Float64Array((raw.length / binCount) * parameterCount)
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 0) continue
    const row = Math.floor(at / binCount)
    for (let j = 0; j < parameterCount; j++)
      out[row * parameterCount + j] += raw[at] * design[(at % binCount) * parameterCount + j]
  }
  return out
}

/** theta . s - sum log(1 + exp(psi)) */
function logLikelihood(theta: Float64Array, summary: Float64Array): Float64Array {
  return mapRows(theta, parameterCount, own => {
    const linear = own.reduce((sum, value, j) => sum + value * summary[j], 0)
    return fieldsOf(own).reduce((sum, psi) => sum - Math.max(psi, 0) - Math.log1p(Math.exp(-Math.abs(psi))), linear)
  })
}

/**
 * A generalised linear model of a neuron's spikes in a hundred bins under a frozen white-noise stimulus; the data are
 * its ten sufficient statistics. Gonçalves et al. 2020, doi:10.7554/eLife.56261; Lueckmann et al. 2021, arXiv
 * 2101.04653, T.5. The log-likelihood omits how many trains of spikes have these statistics.
 */
export const bernoulliGlm: Task = {
  name: 'bernoulli_glm',
  prior,
  dataNames: numbered('data', parameterCount),
  simulate: (theta, key) => summaries(spikes(theta, key)),
  logLikelihood,
}

/** The same with all hundred bins as data: T.6 of the same. */
export const bernoulliGlmRaw: Task = {
  name: 'bernoulli_glm_raw',
  prior,
  dataNames: numbered('data', binCount),
  simulate: spikes,
  logLikelihood: (theta, x) => logLikelihood(theta, summaries(x)),
}
