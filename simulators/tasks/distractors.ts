import { type Key, normal, uniform } from '../../core/index.js'
import { readSafetensors } from '../../io/index.js'
import { dataFile } from './reference.js'

const distractorCount = 92
const componentCount = 20

interface Distractors {
  /** Rows of `width` numbers of data become rows of 100, in the fixed disorder. */
  mixedInto(data: Float64Array, width: number, key: Key): Float64Array
  /** The `width` numbers of data in one row of 100. */
  dataOf(x: Float64Array, width: number): Float64Array
}

let once: Distractors | undefined

/** Read at first use. */
export function distractors(): Distractors {
  once ??= read()
  return once
}

/**
 * Numbers from a mixture, of equal weights, of 20 Student distributions of two degrees of freedom in 92 dimensions:
 * places and triangular scales as the benchmark drew them once, in data/sbi/distractors.safetensors.
 */
function read(): Distractors {
  const { tensors } = readSafetensors(dataFile('distractors.safetensors'))
  const [places, scales] = [tensors.loc.values as Float32Array, tensors.scale_tril.values as Float32Array]
  // column j of a row is number order[j] of the data followed by the distractors
  const order = tensors.permutation.values as Int32Array
  const triangle = (distractorCount * (distractorCount + 1)) / 2
  const draw = (component: number, chiSquare: number, z: Float32Array, into: Float64Array) => {
    // chi-square of two degrees of freedom, divided by two
    const stretch = 1 / Math.sqrt(chiSquare)
    let at = component * triangle
    for (let i = 0; i < distractorCount; i++) {
      let sum = 0
      for (let j = 0; j <= i; j++) sum += scales[at++] * z[j]
      into[i] = places[component * distractorCount + i] + stretch * sum
    }
  }
  return {
    mixedInto(data, width, key) {
      const n = data.length / width
      const out = new Float64Array(n * order.length)
      const row = new Float64Array(order.length)
      const which = uniform(key.split('component'), n)
      const chiSquares = uniform(key.split('chi-square'), n)
      const z = key.split('normal')
      for (let i = 0; i < n; i++) {
        row.set(data.subarray(i * width, (i + 1) * width))
        const component = Math.floor(componentCount * which[i])
        draw(component, -Math.log(chiSquares[i]), normal(z.split(i), distractorCount), row.subarray(width))
        for (let j = 0; j < order.length; j++) out[i * order.length + j] = row[order[j]]
      }
      return out
    },
    dataOf: (x, width) => Float64Array.from({ length: width }, (_, i) => x[order.indexOf(i)]),
  }
}
