import { philox4x32 } from './philox.js'

/**
 * A key names a stream of random numbers. It has no hidden state: the same key gives the same numbers, however often,
 * in whatever order and on however many threads it is asked. Two draws want two keys: `key.split('noise')`.
 */
export interface Key {
  readonly words: readonly [number, number]
  /** A new, independent key for a named (or numbered) purpose. */
  split(name: string | number): Key
}

export function makeKey(seed: number): Key {
  const high = Math.floor(seed / 0x100000000) >>> 0
  return keyOf(seed >>> 0, high)
}

/** The key with these two words, as stored in a checkpoint or sent to a worker. */
export function keyOf(word0: number, word1: number): Key {
  const words: readonly [number, number] = [word0 >>> 0, word1 >>> 0]
  return {
    words,
    split(name) {
      const text = typeof name === 'number' ? `#${name}` : name
      const out = new Uint32Array(4)
      philox4x32([fnv1a(text, 0x811c9dc5), fnv1a(text, 0x2545f491), text.length, 0x73706c74], words[0], words[1], out)
      return keyOf(out[0], out[1])
    },
  }
}

/** Fowler-Noll-Vo hash (variant 1a) over UTF-16 units. */
function fnv1a(text: string, start: number): number {
  let hash = start | 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function sizeOf(shape: number | readonly number[]): number {
  return typeof shape === 'number' ? shape : shape.reduce((a, b) => a * b, 1)
}

/** 32-bit words of the stream, `offset` words in (a multiple of 4). */
export function randomWords(key: Key, count: number, offset = 0): Uint32Array {
  const padded = new Uint32Array(Math.ceil(count / 4) * 4)
  const first = offset / 4
  for (let block = 0; block < padded.length / 4; block++) {
    const at = first + block
    philox4x32([at >>> 0, Math.floor(at / 0x100000000) >>> 0, 0, 0], key.words[0], key.words[1], padded, block * 4)
  }
  return padded.subarray(0, count)
}

/** Uniform numbers in the open interval (0, 1), never 0 and never 1 also in float32. */
export function uniform(key: Key, shape: number | readonly number[]): Float32Array {
  const words = randomWords(key, sizeOf(shape))
  const out = new Float32Array(words.length)
  for (let i = 0; i < out.length; i++) out[i] = ((words[i] >>> 9) + 0.5) * 2 ** -23
  return out
}

/** Standard normal numbers by Box and Muller 1958: pairs of words give pairs of normals. */
export function normal(key: Key, shape: number | readonly number[]): Float32Array {
  const count = sizeOf(shape)
  const words = randomWords(key, count + (count % 2))
  const out = new Float32Array(words.length)
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[i] + 0.5) * 2 ** -32))
    const angle = 2 * Math.PI * (words[i + 1] + 0.5) * 2 ** -32
    out[i] = radius * Math.cos(angle)
    out[i + 1] = radius * Math.sin(angle)
  }
  return out.subarray(0, count)
}

/** Whole numbers in [0, bound). */
export function integers(key: Key, count: number, bound: number): Int32Array {
  const words = randomWords(key, count)
  const out = new Int32Array(count)
  for (let i = 0; i < count; i++) out[i] = Math.floor((words[i] / 0x100000000) * bound)
  return out
}

/** A random order of 0 … n-1 (Fisher and Yates). */
export function permutation(key: Key, n: number): Int32Array {
  const words = randomWords(key, n)
  const out = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((words[i] / 0x100000000) * (i + 1))
    const held = out[i]
    out[i] = out[j]
    out[j] = held
  }
  return out
}
