import { cpus } from 'node:os'
import t from 'tap'
import { readSafetensors } from '../../io/index.js'
import { goldenDraws } from '../../scripts/study/goldenDraws.js'
import { stippleHere } from '../scripts/badInput/tiny.js'

const { tensors: golden, metadata } = readSafetensors('test/golden/draws.safetensors')

/**
 * Draws that come in another order than in the build they were recorded by: members of an ensemble take turns now,
 * where they lay in blocks. The rows are the same.
 */
const reordered = ['galaxies-npe']

/**
 * Draws that differ in the last bits of single precision: the map from the prior's normal coordinates into its box was
 * part of the compiled float32 flow, and is done once for all methods, in float64, outside it now.
 */
const mappedInDouble = ['galaxies-npe', 'dwarfs-npe']

t.test('every road draws what it drew before the redesign', async t => {
  if (cpus()[0]?.model !== metadata.cpu)
    return t.comment(`skipped: recorded on ${metadata.cpu}, another kind of processor`)
  const now = await goldenDraws(async args => {
    const { code, stderr } = await stippleHere(args)
    if (code !== 0) throw new Error(stderr)
  }, t.testdir())
  t.same(Object.keys(now).sort(), Object.keys(golden).sort())
  for (const [name, { shape, values }] of Object.entries(golden)) {
    const found = now[name]
    t.same(found.shape, shape, `shape of ${name}`)
    const [road] = name.split('/')
    const [a, b] = [found.values, values].map(all =>
      reordered.includes(road) ? Float64Array.from(all, Number).sort() : all,
    )
    const isSame = mappedInDouble.includes(road) ? isWithinRounding : Object.is
    const differing = a.findIndex((value, i) => !isSame(value, b[i]))
    t.equal(differing, -1, `${name}: ${a[differing]} where ${b[differing]} was`)
  }
})

function isWithinRounding(a: number | bigint, b: number | bigint): boolean {
  return Object.is(a, b) || Math.abs(Number(a) - Number(b)) <= 1e-6 * Math.max(1, Math.abs(Number(b)))
}
