import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { writeHdf5 } from '../../../io/index.js'
import { dwarfNames, dwarfPrior } from '../../../simulators/dwarfs/index.js'
import { drawnDwarfs, tinyRun } from '../../pipelines/dwarfs/tiny.js'
import { refuses } from './refusal.js'
import { resultOf, stippleHere } from './tiny.js'

t.setTimeout(240_000)

const folder = t.testdir({})
const { run, data } = await tinyRun(folder)
const galaxies = drawnDwarfs('bad input', 3, 20)

/** The layout of three galaxies of twenty stars, each dataset as it should be until a case spoils it. */
interface Layout {
  positions: Float32Array
  velocities?: Float32Array
  velocity_errors: Float32Array
  offsets: BigInt64Array
}

function layout(): Required<Layout> {
  const all = (column: 'positions' | 'velocities' | 'velocityErrors') =>
    Float32Array.from(galaxies.flatMap(dwarf => Array.from(dwarf[column])))
  return {
    positions: all('positions'),
    velocities: all('velocities'),
    velocity_errors: all('velocityErrors'),
    offsets: BigInt64Array.of(0n, 20n, 40n, 60n),
  }
}

async function writeLayout(name: string, { positions, velocities, velocity_errors, offsets }: Layout): Promise<string> {
  const path = join(folder, `${name}.h5`)
  await writeHdf5(path, { attributes: { prior: JSON.stringify(dwarfPrior) } }, writer => {
    writer.write('positions', positions, { shape: [60, 2], units: 'kpc' })
    if (velocities) writer.write('velocities', velocities, { shape: [60], units: 'km/s' })
    writer.write('velocity_errors', velocity_errors, { shape: [60], units: 'km/s' })
    writer.write('offsets', offsets, { shape: [offsets.length], units: '' })
    const theta = Float64Array.from(galaxies.flatMap(dwarf => dwarfNames.map(name => dwarf.theta[name])))
    writer.write('theta', theta, { shape: [3, 6], units: '', attributes: { names: [...dwarfNames] } })
  })
  return path
}

/** One number of a column, of the second galaxy, replaced. */
function withStar(column: 'velocities' | 'velocity_errors' | 'positions', value: number): Layout {
  const whole = layout()
  whole[column][column === 'positions' ? 2 * 25 : 25] = value
  return whole
}

function withOffsets(...ends: number[]): Layout {
  return { ...layout(), offsets: BigInt64Array.from(ends, BigInt) }
}

function onSky(): Float32Array {
  return layout().positions.map((x, at) => (at % 2 === 0 ? 40 : -34) + 0.1 * x)
}

t.test('a good file and a good table are answered', async t => {
  const path = await writeLayout('good', layout())
  const args = ['dwarfs', 'infer', path, '--index', '1', '--run', run, '--n', '100', '--json', '--quiet']
  const answer = await stippleHere(args)
  t.equal(answer.code, 0, answer.stderr)
  t.match(resultOf(answer), { n: 100, galaxy: { stars: 20 } })
})

t.test('spoilt files of galaxies, for every verb that reads them', async t => {
  const cases: readonly [string, Layout, RegExp][] = [
    [
      'no-velocities',
      { ...layout(), velocities: undefined },
      /line-of-sight velocities .*no-velocities\.h5; got offsets positions theta/,
    ],
    [
      'still',
      { ...layout(), velocities: layout().velocities.map((v, i) => (i >= 20 && i < 40 ? 55.3 : v)) },
      /velocities that differ in .*still\.h5, galaxy 1; got 55\.\d+ km\/s for all 20 stars/,
    ],
    ['negative', withStar('velocity_errors', -1), /velocity errors \(km\/s\) of 0 or more .*; got -1 at star 5/],
    ['nan-error', withStar('velocity_errors', Number.NaN), /velocity errors .*; got NaN at star 5/],
    ['nan-velocity', withStar('velocities', Number.NaN), /finite velocities .*; got NaN at star 5/],
    ['nan-place', withStar('positions', Number.NaN), /finite positions .*; got NaN at star 5/],
    ['one-star', withOffsets(0, 20, 21, 60), /two stars or more in .*one-star\.h5, galaxy 1; got one star/],
    ['no-star', withOffsets(0, 20, 20, 60), /two stars or more in .*no-star\.h5, galaxy 1; got none/],
    ['falling', withOffsets(0, 40, 20, 60), /offsets .*falling\.h5/],
    ['overrun', withOffsets(0, 20, 40, 61), /the last offset in .*overrun\.h5 to be the number of rows, 60; got 61/],
    ['short', withOffsets(0, 20, 40), /short\.h5/],
    ['degrees', { ...layout(), positions: onSky() }, /positions in kpc .*degrees\.h5.*looks like degrees on the sky/],
  ]
  for (const [name, changes, says] of cases) {
    const path = await writeLayout(name, changes)
    const out = join(folder, `${name}-out`)
    const verbs = [
      ['infer', path, '--index', '1', '--run', run, '--out', `${out}.csv`],
      ['evaluate', '--data', path, '--run', run],
      ['train', '--data', path, '--out', out],
    ]
    for (const args of verbs) await refuses(t, { args: ['dwarfs', ...args], code: 3, says, folder })
  }
})

t.test('spoilt tables of stars', async t => {
  const { positions, velocities, velocity_errors: errors } = layout()
  const rows = Array.from({ length: 20 }, (_, i) => [positions[2 * i], positions[2 * i + 1], velocities[i], errors[i]])
  const table = (header: string, change: (row: number[], i: number) => (number | string)[], length = 20) =>
    [header, ...rows.slice(0, length).map((row, i) => change(row, i).join())].join('\n')
  const xy = 'x,y,v_los,v_err'
  const sky = 'ra,dec,v_los,v_err'
  const cases: readonly [string, string, 2 | 3, RegExp, (readonly string[])?][] = [
    [
      'no-speeds.csv',
      table('x,y,v_err', ([x, y, , e]) => [x, y, e]),
      3,
      /a column v_los .*no-speeds\.csv; got x, y, v_err/,
    ],
    ['renamed.csv', table('x,y,rv,v_err', row => row), 3, /rename the column rv to v_los/],
    ['one.csv', table(xy, row => row, 1), 3, /two stars or more in .*one\.csv; got one star/],
    ['none.csv', table(xy, row => row, 0), 3, /two stars or more in .*none\.csv; got none/],
    ['still.csv', table(xy, ([x, y, , e]) => [x, y, 7, e]), 3, /velocities that differ in .*; got 7 km\/s for all 20/],
    ['minus.csv', table(xy, ([x, y, v, e], i) => [x, y, v, i === 3 ? -1 : e]), 3, /errors .* of 0 or more .* line 5/],
    ['nan.csv', table(xy, ([x, y, v, e], i) => [x, y, v, i === 3 ? 'nan' : e]), 3, /column v_err, line 5 .*; got nan/],
    ['degrees.csv', table(xy, ([x, y, v, e]) => [40 + x / 9, y / 9 - 34, v, e]), 3, /looks like degrees.*ra and dec/],
    ['metres.csv', table(xy, ([x, y, v, e]) => [x, y, 1e5 * v, 1e5 * e]), 3, /km\/s .*looks like m\/s/],
    ['sky.csv', table(sky, ([x, y, v, e]) => [40 + x / 9, y / 9 - 34, v, e]), 2, /a distance .*--galaxy NAME/],
    ['fronax.csv', table(sky, row => row), 2, /got "fronax"; did you mean fornax/i, ['--galaxy', 'fronax']],
    [
      'away.csv',
      table(sky, ([x, y, v, e]) => [140 + x / 9, y / 9, v, e]),
      3,
      /stars of Fornax/,
      ['--galaxy', 'fornax'],
    ],
  ]
  for (const [name, text, code, says, more = []] of cases) {
    const path = join(folder, name)
    writeFileSync(path, text)
    await refuses(t, { args: ['dwarfs', 'infer', path, '--run', run, ...more], code, says, folder })
  }
  const path = join(folder, 'nowhere.csv')
  await refuses(t, { args: ['dwarfs', 'infer', path, '--run', run], code: 3, says: /nowhere\.csv/, folder })
})

t.test('usage: what does not go together, is not there or cannot be', async t => {
  const good = await writeLayout('usage', layout())
  const mock = fileURLToPath(new URL('../../../../data/dwarfs/mock.csv', import.meta.url))
  const cases: readonly [readonly string[], RegExp][] = [
    [['infer', good, '--index', '3', '--run', run], /--index from 0 to 2 .*; got 3/],
    [['infer', good, '--index', '-1', '--run', run], /--index .*; got '?-1/],
    [
      ['infer', mock, '--galaxy', 'draco', '--index', '2', '--run', run],
      /--index with a file of several galaxies; got --index 2/,
    ],
    [
      ['infer', good, '--run', run, '--out', join(folder, 'p.fits')],
      /--out to end in \.h5, \.arrow or \.csv; got .*p\.fits/,
    ],
    [['infer', good, '--method', 'magic'], /one of npe, nre, fmpe, npse, jeans; got 'magic'/],
    [['infer', good, '--run', join(folder, 'no-run')], /a run folder with .*no-run/],
    [['infer', good, '--run', run, '--angle', '120'], /angle between 0 and 90/],
    [['infer', good, '--run', run, '--distance', '-5'], /distance/],
    [['infer', good, '--run', run, '--galaxy', 'scluptor'], /did you mean sculptor/i],
    [['infer', good, '--run', run, '--prior', join(folder, 'no.json')], /a prior as JSON/],
    [['infer', good, '--run', run, '--n', '3'], /--n .*; got '3'/],
    [['train', '--data', data, '--out', run], /holds a run; pass --resume/],
    [['train', '--data', data, '--out', join(folder, 'new'), '--set', 'flow.kind=glow'], /flow\.kind/],
    [['train', '--data', data, '--out', join(folder, 'new'), '--set', 'flow.layer=2'], /layers/],
    [['evaluate', '--data', data, '--run', run, '--galaxies', '1.5'], /--galaxies/],
  ]
  for (const [args, says] of cases) await refuses(t, { args: ['dwarfs', ...args], code: 2, says, folder })
})
