import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSafetensors, writeSafetensors } from '../../../io/index.js'
import { loadDwarfsModel } from '../../../pipelines/dwarfs/model.js'
import { dwarfPrior } from '../../../simulators/dwarfs/index.js'
import { tinyRun } from './tiny.js'

t.setTimeout(240_000)

const folder = t.testdir({})
const { run } = await tinyRun(folder, ['train.steps=2'])

/** A copy of the run, spoilt. */
function spoilt(name: string, spoil: (path: string) => void): string {
  const copy = join(folder, name)
  cpSync(run, copy, { recursive: true })
  spoil(copy)
  return copy
}

t.test('a model comes back with its prior, region and stars; without run.json too, as one that ships', async t => {
  const model = await loadDwarfsModel(run)
  t.same(model.prior, dwarfPrior)
  t.same(model.stars, [10, 20])
  t.equal(model.region[0].distances.length, 100, '20 held out, each thinned five times')
  t.equal(model.region[0].mean.length, model.method.reader.summary.outputs)
  const shipped = spoilt('shipped', path => rmSync(join(path, 'run.json')))
  t.same((await loadDwarfsModel(shipped)).members, model.members)
})

t.test('a folder that holds no whole model is refused in words', async t => {
  const weights = (path: string) => join(path, 'model.safetensors')
  const without = (path: string, lost: string) => {
    const { tensors, metadata } = readSafetensors(weights(path))
    const kept = Object.fromEntries(Object.entries(tensors).filter(([name]) => name !== lost))
    const { [lost]: _lost, ...facts } = metadata
    rmSync(weights(path))
    writeSafetensors(weights(path), kept, facts)
  }
  const configured = (path: string, width: number) => {
    const file = join(path, 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8')) as { embedding: { width: number } }
    config.embedding.width = width
    writeFileSync(file, JSON.stringify(config))
  }
  const cases: readonly [string, (path: string) => void, 2 | 3, RegExp][] = [
    ['unfinished', path => rmSync(weights(path)), 2, /a finished run in .*unfinished/],
    ['cut', path => writeFileSync(weights(path), readFileSync(weights(path)).subarray(0, 2000)), 3, /cut/],
    ['text', path => writeFileSync(weights(path), 'no weights'), 3, /text/],
    ['other', path => configured(path, 12), 3, /parameters of network 0 in .*other/],
    ['no-member', path => without(path, 'members.0'), 3, /parameters of network 0 in .*; got none/],
    ['no-prior', path => without(path, 'prior'), 3, /no-prior/],
    ['no-region', path => without(path, 'region.whitening'), 3, /no-region/],
    ['json', path => writeFileSync(join(path, 'config.json'), '{'), 3, /JSON in .*config\.json/],
  ]
  for (const [name, spoil, exitCode, message] of cases) {
    await t.rejects(loadDwarfsModel(spoilt(name, spoil)), { exitCode, message }, name)
  }
})
