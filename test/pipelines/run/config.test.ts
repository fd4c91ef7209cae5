import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { UsageError } from '../../../core/index.js'
import { editDistance, nearest, resolveConfig } from '../../../pipelines/run/index.js'

const schema = z.object({
  title: z.string().default('none'),
  objective: z.enum(['eps', 'v']).default('eps'),
  sizes: z.array(z.number()).default([64]),
  network: z.object({ kind: z.string().default('gnn'), width: z.number().int().min(4).default(32) }).prefault({}),
  train: z
    .object({ steps: z.number().int().default(100), learningRate: z.number().positive().default(1e-3) })
    .prefault({}),
})
const presets = { quick: { train: { steps: 5 }, network: { width: 8 } }, full: {} }
const resolve = (sources: Parameters<typeof resolveConfig>[2]) => resolveConfig(schema, presets, sources)

function fileOf(folder: string, text: string, name = 'config.json'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

t.test('defaults, preset, file, settings: later ones win, key by key', t => {
  const file = fileOf(t.testdir({}), '{"train": {"learningRate": 0.5, "steps": 6}, "title": "from file"}')
  t.same(resolve({}).train, { steps: 100, learningRate: 1e-3 })
  t.same(resolve({ preset: 'quick' }).train, { steps: 5, learningRate: 1e-3 })
  t.same(resolve({ preset: 'quick', file }).train, { steps: 6, learningRate: 0.5 })
  const all = resolve({ preset: 'quick', file, set: ['train.steps=7', 'train.steps=8', 'sizes=[1,2]', 'title=12'] })
  t.same(all.train, { steps: 8, learningRate: 0.5 })
  t.same(all.sizes, [1, 2])
  t.equal(all.title, '12', 'text stays text')
  t.equal(all.network.width, 8)
  t.same(resolveConfig(schema, presets, { set: [] }), schema.parse({}), 'nothing said: the defaults')
  t.end()
})

t.test('what is wrong is said in one line: expected, got, action; exit code 2', t => {
  const folder = t.testdir({})
  const cases: readonly [Parameters<typeof resolveConfig>[2], RegExp][] = [
    [{ preset: 'quik' }, /expected a preset of quick, full; got 'quik'; did you mean --preset quick\?/],
    [{ set: ['train.stps=1'] }, /got 'train\.stps'; did you mean 'train\.steps'\?/],
    [{ set: ['learningRate=1'] }, /got 'learningRate'; did you mean 'train\.learningRate'\?/],
    [{ set: ['netwrok.width=8'] }, /did you mean 'network'/],
    [{ set: ['train.steps'] }, /expected --set name=value; got 'train\.steps'/],
    [{ set: ['train.steps=many'] }, /expected train\.steps to be a number; got "many"/],
    [{ set: ['train.steps=1.5'] }, /expected train\.steps to be a whole number; got 1\.5/],
    [{ set: ['network.width=2'] }, /expected network\.width to be at least 4; got 2/],
    [{ set: ['train.learningRate=0'] }, /expected train\.learningRate to be above 0; got 0/],
    [{ set: ['objective=x'] }, /expected objective to be one of eps, v; got "x"/],
    [{ file: 'no/such.json' }, /expected a JSON file at no\/such\.json/],
    [{ file: fileOf(folder, '{"train": ', 'torn.json') }, /expected JSON in/],
    [{ file: fileOf(folder, '[1]', 'array.json') }, /expected a JSON object in .*; got an array/],
  ]
  for (const [sources, pattern] of cases) {
    try {
      resolve(sources)
      t.fail(`no error for ${JSON.stringify(sources)}`)
    } catch (error) {
      t.ok(error instanceof UsageError && error.exitCode === 2)
      t.match((error as Error).message, pattern)
      t.notMatch((error as Error).message, '\n')
    }
  }
  t.end()
})

t.test('unknown keys in a file are found at every depth', t => {
  const file = fileOf(t.testdir({}), '{"train": {"lerningRate": 1}}')
  t.throws(() => resolve({ file }), /config\.json; got 'train\.lerningRate'; did you mean 'train\.learningRate'/)
  t.end()
})

t.test('law: the edit distance is a distance of one for one edit, and symmetric', t => {
  const words = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(words, words, fc.nat(8), (a, b, at) => {
      const inserted = `${a.slice(0, at)}q${a.slice(at)}`
      return (
        editDistance(a, b) === editDistance(b, a) &&
        editDistance(a, inserted) === 1 &&
        (editDistance(a, b) === 0) === (a === b)
      )
    }),
    { seed: 1, numRuns: 300 },
  )
  t.equal(editDistance('widht', 'width'), 1)
  t.equal(nearest('SIMULAT', ['train', 'simulate']), 'simulate')
  t.equal(nearest('x', []), undefined)
  t.end()
})
