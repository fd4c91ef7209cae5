import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeKey } from '../../../core/index.js'
import { writeHdf5 } from '../../../io/index.js'
import { quietContext } from '../../../pipelines/run/context.js'
import {
  tinyRows,
  tinySettings,
  trainDensities,
  trainOptions,
  writePrior,
  writeTable,
} from '../../pipelines/densities/tiny.js'
import { refuses } from './refusal.js'

t.setTimeout(120_000)

const folder = t.testdir({})
const file = (name: string) => join(folder, name)
const text = (name: string, content: string) => {
  writeFileSync(file(name), content)
  return file(name)
}
const table = writeTable(file('table.csv'), tinyRows(60))
const prior = writePrior(folder)
const run = file('run')
await trainDensities(
  trainOptions([table], run, { prior, set: [...tinySettings, 'train.epochs=1'] }),
  quietContext(makeKey(1)),
)
const good = text('good.csv', 'x_p,x_q\n0.1,0.2\n')
await writeHdf5(file('cube.h5'), {}, writer => {
  writer.write('theta', new Float32Array(8), { shape: [4, 2], units: '' })
  writer.write('x', new Float32Array(4 * 8), { shape: [4, 2, 2, 2], units: '' })
})
const rows = (...cells: readonly (readonly (number | string)[])[]) => cells
const twice = (header: string) =>
  writeTable(file(`${header.length}-${header.slice(-6)}.csv`), rows([0, 0, 1, 1], [1, 1, 0, 0]), header)

const training: readonly [string, readonly string[], 2 | 3, RegExp][] = [
  ['no data', [], 2, /expected --data or --command; got neither/],
  ['no file', ['--data', file('absent.h5')], 3, /absent\.h5/],
  ['another ending', ['--data', text('table.txt', 'a')], 2, /a table ending in \.h5, \.arrow or \.csv/],
  ['empty file', ['--data', text('empty.csv', '')], 3, /empty\.csv/],
  ['not HDF5', ['--data', text('fake.h5', 'theta')], 3, /fake\.h5/],
  ['no theta', ['--data', twice('a,b,x_p,x_q')], 3, /expected columns theta_NAME in .*; got a, b, x_p, x_q/],
  ['no x', ['--data', twice('theta_a,theta_b,p,q')], 3, /expected columns x_NAME in .*; got p, q, theta/],
  ['x of four axes', ['--data', file('cube.h5')], 3, /expected x \[n, d\] or sets of points .*; got \[n, 2, 2, 2\]/],
  [
    'text in a cell',
    ['--data', writeTable(file('text.csv'), rows([0, 0, 'high', 1]))],
    3,
    /column x_p, line 2 of .*"high"/,
  ],
  [
    'a still parameter',
    ['--data', writeTable(file('still.csv'), rows([0, 1, 2, 3], [0, 2, 2, 3]))],
    3,
    /expected a to vary; got 0/,
  ],
  [
    'all NaN',
    ['--data', writeTable(file('nan.csv'), rows([0, 0, 'nan', 1], [1, 1, 'nan', 0])), '--prior', prior],
    3,
    /at least 2 simulations to learn from .*got 0 of 2 rows, 2 with NaN or infinity in x/,
  ],
  [
    'other columns',
    ['--data', table, twice('theta_a,theta_c,x_p,x_q')],
    3,
    /expected the columns of .*; got theta a, c/,
  ],
  ['no prior file', ['--data', table, '--prior', file('absent.json')], 2, /expected a prior as JSON in .*absent\.json/],
  ['prior of text', ['--data', table, '--prior', text('prior.txt', 'uniform')], 2, /expected a prior as JSON/],
  [
    'prior of one',
    ['--data', table, '--prior', text('one.json', '{"a": {"uniform": [0, 1]}}')],
    2,
    /the table's parameters a, b; got none of b/,
  ],
  [
    'prior of more',
    [
      '--data',
      table,
      '--prior',
      text('more.json', '{"a": {"uniform": [0, 1]}, "b": {"uniform": [0, 1]}, "c": {"uniform": [0, 1]}}'),
    ],
    2,
    /got one of c too/,
  ],
  [
    'prior backwards',
    ['--data', table, '--prior', text('back.json', '{"a": {"uniform": [1, 0]}, "b": {"uniform": [0, 1]}}')],
    2,
    /prior of a to have two finite ends/,
  ],
  [
    'elsewhere',
    ['--data', table, '--prior', text('off.json', '{"a": {"uniform": [8, 9]}, "b": {"uniform": [0, 1]}}')],
    3,
    /got 0 of 60 rows, 60 outside the prior/,
  ],
  [
    'a method that is none',
    ['--data', table, '--method', 'abc'],
    2,
    /--method to be one of npe, nle, nre, fmpe, npse; got 'abc'/,
  ],
  ['rounds of nothing', ['--data', table, '--rounds', '2'], 2, /expected --command with --rounds/],
  [
    'rounds about nothing',
    ['--command', 'cat', '--prior', prior, '--rounds', '2'],
    2,
    /expected --observation with --rounds/,
  ],
  ['a simulator without a prior', ['--command', 'cat'], 2, /expected --prior with --command/],
  [
    'a setting that is none',
    ['--data', table, '--set', 'train.epoch=3'],
    2,
    /got 'train\.epoch'; did you mean 'train\.epochs'/,
  ],
  ['another device', ['--data', table, '--device', 'cuda'], 2, /cuda/],
]

const inferring: readonly [string, readonly string[], 2 | 3, RegExp][] = [
  ['no run', ['--observation', good], 2, /expected --run/],
  ['an empty run', ['--run', file('nowhere'), '--observation', good], 2, /expected a run folder with .*nowhere/],
  ['no observation', ['--run', run], 2, /expected --observation/],
  [
    'no such file',
    ['--run', run, '--observation', file('absent.csv')],
    3,
    /expected a csv file at .*absent\.csv; got no file/,
  ],
  [
    'too short',
    ['--run', run, '--observation', text('short.csv', '1\n')],
    3,
    /expected 2 numbers in .*short\.csv \(p, q\); got 1/,
  ],
  ['too long', ['--run', run, '--observation', text('long.csv', '1,2,3\n')], 3, /expected 2 numbers in .*; got 3/],
  [
    'two rows',
    ['--run', run, '--observation', text('rows.csv', '1,2\n3,4\n')],
    3,
    /expected one observation in .*; got 2 rows/,
  ],
  [
    'NaN',
    ['--run', run, '--observation', text('nan-o.csv', 'x_q,x_p\n1,nan\n')],
    3,
    /finite numbers in .*; got NaN for p/,
  ],
  [
    'a name that is missing',
    ['--run', run, '--observation', text('names.csv', 'x_p,x_r\n1,2\n')],
    3,
    /expected a column x_q in .*; got x_p, x_r/,
  ],
  ['text', ['--run', run, '--observation', text('word.csv', 'x_p,x_q\n1,high\n')], 3, /expected numbers in .*"high"/],
  ['a header alone', ['--run', run, '--observation', text('head.csv', 'x_p,x_q\n')], 3, /got a header alone/],
  [
    'nothing',
    ['--run', run, '--observation', text('none.csv', '')],
    3,
    /expected an observation in .*; got an empty file/,
  ],
  [
    'another ending of --out',
    ['--run', run, '--observation', good, '--out', file('draws.txt')],
    2,
    /\.h5, \.arrow or \.csv/,
  ],
  ['an existing --out', ['--run', run, '--observation', good, '--out', text('draws.csv', 'mine')], 2, /which exists/],
  ['a setting', ['--run', run, '--observation', good, '--set', 'train.epochs=3'], 2, /no settings of training/],
]

const evaluating: readonly [string, readonly string[], 2 | 3, RegExp][] = [
  ['nothing', [], 2, /expected --task, or --run with --data; got neither/],
  ['both', ['--task', 'slcp', '--run', run], 2, /expected either --task or --run; got both/],
  ['a task that is none', ['--task', 'three_moons'], 2, /expected a standard task; got three_moons/],
  ['an observation that is none', ['--task', 'slcp', '--index', '99'], 2, /expected --index of 1, 2.*; got 99/],
  ['no data', ['--run', run], 2, /expected --data with --run/],
  [
    'other data',
    ['--run', run, '--data', twice('theta_a,theta_b,theta_c,x_p')],
    2,
    /expected theta a, b and x of 2 numbers.*; got theta a, b, c/,
  ],
  ['a method of a run', ['--run', run, '--data', table, '--method', 'npe'], 2, /expected --method with --task/],
]

// All files are there before the first case looks at the folder.
for (const [verb, cases] of Object.entries({ train: training, infer: inferring, evaluate: evaluating })) {
  for (const [name, own, code, says] of cases) {
    const args = ['densities', verb, ...own, ...(verb === 'train' ? ['--out', file('out/deep')] : [])]
    t.test(`${verb}, ${name}`, t => refuses(t, { args, code, says, folder }))
  }
}
