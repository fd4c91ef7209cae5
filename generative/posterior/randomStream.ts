import { type Key, randomWords } from '../../core/index.js'

/** Numbers of one key, one after the other, for algorithms that do not know beforehand how many they want. */
export interface RandomStream {
  /** in (0, 1), of 2^32 equidistant values */
  uniform(): number
  /** 0 … bound - 1 */
  integer(bound: number): number
  /** standard normal */
  normal(): number
}

const block = 4096

/** Counts through the words of `key`; two streams of one key are alike. */
export function randomStream(key: Key): RandomStream {
  let words = randomWords(key, block)
  let used = 0
  let at = 0
  const uniform = (): number => {
    if (at === block) {
      used += block
      words = randomWords(key, block, used)
      at = 0
    }
    return (words[at++] + 0.5) * 2 ** -32
  }
  return {
    uniform,
    integer: bound => Math.floor(uniform() * bound),
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(uniform()))
      return radius * Math.cos(2 * Math.PI * uniform())
    },
  }
}
