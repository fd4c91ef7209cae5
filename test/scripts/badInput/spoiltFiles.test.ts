import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { writeHdf5, writeNpy } from '../../../io/index.js'
import { writeFields } from '../../io/galaxies/files.js'
import { refuses } from './refusal.js'
import { few, networkAlone, tinyField, tinyFile } from './tiny.js'

/** The galaxies layout of two fields of 30 points, each dataset as it should be until a case spoils it. */
interface Layout {
  positions?: { shape: number[]; values: Float32Array | string[] }
  theta?: { shape: number[]; values: Float64Array }
  names?: string[]
  box?: number | string
  mask?: Uint8Array
}

function layout(points = 30): Required<Omit<Layout, 'mask'>> & Layout {
  const fields = [0, 1].map(i => tinyField(i, points))
  return {
    positions: { shape: [2, points, 3], values: Float32Array.from(fields.flatMap(field => [...field.positions])) },
    theta: { shape: [2, 2], values: Float64Array.from(fields.flatMap(field => Object.values(field.theta))) },
    names: ['omega_m', 'sigma_8'],
    box: 200,
  }
}

async function writeLayout(path: string, { positions, theta, names, box, mask }: Layout): Promise<void> {
  await writeHdf5(path, { attributes: box === undefined ? {} : { box } }, writer => {
    if (positions) writer.write('positions', positions.values, { shape: positions.shape, units: 'Mpc/h' })
    if (theta)
      writer.write('theta', theta.values, { shape: theta.shape, units: '', attributes: names ? { names } : {} })
    if (mask && positions) writer.write('mask', mask, { shape: positions.shape.slice(0, 2), units: '' })
  })
}

/** One number of the positions replaced. */
function withPosition(value: number): Layout {
  const whole = layout()
  ;(whole.positions.values as Float32Array)[3 * 42 + 1] = value
  return whole
}

function withTheta(value: number): Layout {
  const whole = layout()
  whole.theta.values[1] = value
  return whole
}

/** What is wrong, and what the one line must say of it. */
const wrongLayouts: readonly [string, () => Layout, RegExp][] = [
  ['no-positions', () => ({ ...layout(), positions: undefined }), /the dataset positions \[n, points, 3\]/],
  ['no-theta', () => ({ ...layout(), theta: undefined }), /the dataset theta \[2, p\]/],
  ['no-names', () => ({ ...layout(), names: undefined }), /names of theta .*; got none/],
  ['one-name', () => ({ ...layout(), names: ['omega_m'] }), /expected 2 names .*; got omega_m/],
  ['same-names', () => ({ ...layout(), names: ['omega_m', 'Omega_m'] }), /names .*; got omega_m twice/],
  ['no-box', () => ({ ...layout(), box: undefined }), /the attribute box \(Mpc\/h\) .*; got none/],
  ['box-0', () => ({ ...layout(), box: 0 }), /box .*; got 0/],
  ['box-infinite', () => ({ ...layout(), box: Number.POSITIVE_INFINITY }), /box .*; got Infinity/],
  ['box-text', () => ({ ...layout(), box: '200' }), /box .*; got 200|got text/],
  [
    'flat-positions',
    () => ({ ...layout(), positions: { shape: [60, 3], values: new Float32Array(180) } }),
    /positions \[n, points, 3\] .*; got \[60, 3\]/,
  ],
  [
    'two-axes',
    () => ({ ...layout(), positions: { shape: [2, 30, 2], values: new Float32Array(120) } }),
    /positions \[n, points, 3\] .*; got \[2, 30, 2\]/,
  ],
  [
    'text-positions',
    () => ({ ...layout(), positions: { shape: [2, 1, 3], values: ['a', 'b', 'c', 'd', 'e', 'f'] } }),
    /expected numbers at \/positions in .*; got string/,
  ],
  [
    'theta-of-three',
    () => ({ ...layout(), theta: { shape: [3, 2], values: new Float64Array(6) } }),
    /theta \[2, p\] .*; got \[3, 2\]/,
  ],
  ['nan', () => withPosition(Number.NaN), /finite positions in .*row 1; got NaN at point 12/],
  ['infinite', () => withPosition(Number.POSITIVE_INFINITY), /finite positions in .*row 1; got Infinity at point 12/],
  ['beyond-the-box', () => withPosition(200.5), /positions in \[0, 200\) Mpc\/h in .*row 1; got 200\.5 at point 12/],
  ['below-the-box', () => withPosition(-0.5), /positions in \[0, 200\) Mpc\/h in .*row 1; got -0\.5 at point 12/],
  ['theta-nan', () => withTheta(Number.NaN), /a finite sigma_8 in .*row 0; got NaN/],
  [
    'no-field',
    () => ({
      ...layout(),
      positions: { shape: [0, 30, 3], values: new Float32Array(0) },
      theta: { shape: [0, 2], values: new Float64Array(0) },
    }),
    /at least one field in .*; got positions \[0, 30, 3\]/,
  ],
  [
    'no-points',
    () => ({ ...layout(), positions: { shape: [2, 0, 3], values: new Float32Array(0) } }),
    /at least one field in .*; got positions \[2, 0, 3\]/,
  ],
  ['one-point', () => layout(1), /at least 2 points in .*; got 1/],
  ['all-masked', () => ({ ...layout(), mask: new Uint8Array(60) }), /at least 2 points in .*; got 0/],
  ['four-points', () => layout(4), /at least 5 points in .*for 4 neighbours.*; got 4/],
  [
    'four-points-in-one-row',
    () => ({ ...layout(), mask: new Uint8Array(60).fill(1, 0, 34) }),
    /at least 5 points in .*row 1.* for 4 neighbours.*; got 4/,
  ],
]

t.test('train: HDF5 of a wrong layout or with values that cannot be', async t => {
  const folder = t.testdir({})
  for (const [name, make] of wrongLayouts) await writeLayout(join(folder, `${name}.h5`), make())
  await few(wrongLayouts, async ([name, , says]) => {
    const data = join(folder, `${name}.h5`)
    // A folder each: two of these run at a time, and each says that its own is as it was.
    const out = join(folder, `${name}-out`)
    await refuses(t, {
      args: ['galaxies', 'train', '--data', data, '--out', out, ...networkAlone],
      code: 3,
      says,
      folder: out,
    })
  })
})

t.test('train: files that are cut short, of no known kind, or not there', async t => {
  const folder = t.testdir({
    'text.h5': 'no HDF5 at all',
    'empty.h5': '',
    nothing: {},
    'text.npy': 'x',
    'text.arrow': 'x',
  })
  const whole = readFileSync(await tinyFile(folder))
  for (const percent of [1, 40, 99])
    writeFileSync(join(folder, `cut-${percent}.h5`), whole.subarray(0, Math.floor((whole.length * percent) / 100)))
  // A whole header and tree, zeros where the compressed values were.
  writeFileSync(join(folder, 'zeros.h5'), Buffer.from(whole).fill(0, whole.length >> 1))
  mkdirSync(join(folder, 'sims.h5'))
  // Positions alone; no csv of cosmologies; too short a one; no points but padding.
  writeNpy(join(folder, 'three.npy'), new Float32Array(90), [3, 10, 3])
  for (const [name, value] of [
    ['alone', 1],
    ['two', 1],
    ['padding', 0],
  ] as const)
    writeNpy(join(folder, `${name}.npy`), new Float32Array(210).fill(value), [3, 10, 7])
  writeFileSync(join(folder, 'two.csv'), 'Omega_m,sigma_8\n0.3,0.8\n0.4,0.9\n')
  writeFileSync(join(folder, 'padding.csv'), 'Omega_m,sigma_8\n0.3,0.8\n0.4,0.9\n0.2,0.9\n')
  const cases: readonly [string, RegExp][] = [
    ['cut-1.h5', /expected .*HDF5.*cut-1\.h5/],
    ['cut-40.h5', /expected .*HDF5.*cut-40\.h5/],
    ['cut-99.h5', /expected .*HDF5.*cut-99\.h5/],
    ['zeros.h5', /expected .*zeros\.h5/],
    ['text.h5', /expected .*HDF5.*text\.h5/],
    ['empty.h5', /expected .*HDF5.*empty\.h5/],
    ['sims.h5', /expected .*sims\.h5/],
    ['nothing', /expected .*nothing/],
    ['text.npy', /expected .*text\.npy/],
    ['three.npy', /\[sims, halos, 7\] .*three\.npy; got \[3, 10, 3\]/],
    ['alone.npy', /the cosmologies of .*alone\.npy .*; got none of them/],
    ['two.npy', /expected 3 rows in .*two\.csv.*; got 2/],
    ['padding.npy', /at least 2 points in .*padding\.npy, row [0-2]; got 0/],
    ['text.arrow', /expected .*text\.arrow/],
    ['not-there.h5', /expected fields at .*not-there\.h5; got no such file/],
  ]
  await few(cases, async ([name, says]) => {
    const out = join(folder, `${name}-out`)
    const args = ['galaxies', 'train', '--data', join(folder, name), '--out', out, ...networkAlone]
    await refuses(t, { args, code: 3, says, folder: out })
  })
})

t.test('train: files that do not go together', async t => {
  const folder = t.testdir({})
  const first = await tinyFile(folder)
  const others: readonly [string, Parameters<typeof tinyField>[2], RegExp][] = [
    [
      'parameters.h5',
      { theta: { omega_m: 0.3, h: 0.7 } },
      /parameters .*omega_m,? sigma_8.*; got .*omega_m,? h.* in .*parameters\.h5/,
    ],
    ['box.h5', { box: [300, 300, 300] }, /box .*200.*; got .*300.* in .*box\.h5/],
  ]
  for (const [name, changes] of others) await writeFields(join(folder, name), [tinyField(0, 60, changes)], { seed: 0 })
  await few(others, async ([name, , says]) => {
    const out = join(folder, `${name}-out`)
    const args = ['galaxies', 'train', '--data', first, join(folder, name), '--out', out, ...networkAlone]
    await refuses(t, { args, code: 3, says, folder: out })
  })
  await writeFields(join(folder, 'slab.h5'), [tinyField(0, 60, { box: [200, 200, 400] })], { seed: 0 })
  await refuses(t, {
    args: ['galaxies', 'train', '--data', join(folder, 'slab.h5'), '--out', join(folder, 'out'), ...networkAlone],
    code: 3,
    says: /a periodic cube.*; got a box of 200 x 200 x 400/,
    folder,
  })
})

t.test('evaluate: spoilt files on either side', async t => {
  const folder = t.testdir({ 'text.h5': 'no HDF5 at all' })
  const good = await tinyFile(folder)
  await writeLayout(join(folder, 'nan.h5'), withPosition(Number.NaN))
  await writeFields(join(folder, 'box.h5'), [tinyField(0, 60, { box: [300, 300, 300] })], { seed: 0 })
  const cut = join(folder, 'cut.h5')
  writeFileSync(cut, readFileSync(good).subarray(0, 3000))
  const cases: readonly [string, string, RegExp][] = [
    [good, join(folder, 'text.h5'), /expected .*HDF5.*text\.h5/],
    [cut, good, /expected .*HDF5.*cut\.h5/],
    [good, join(folder, 'nan.h5'), /finite positions/],
    [join(folder, 'not-there.h5'), good, /got no such file/],
    [good, join(folder, 'box.h5'), /box\.h5 in the box 200 x 200 x 200 Mpc\/h of .*fields\.h5; got 300 x 300 x 300/],
  ]
  await few(cases, async ([data, samples, says]) => {
    await refuses(t, { args: ['galaxies', 'evaluate', '--data', data, '--samples', samples], code: 3, says, folder })
  })
})
