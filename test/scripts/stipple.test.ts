import t from 'tap'
import { UsageError } from '../../core/index.js'
import { commonOptions, longName } from '../../pipelines/options.js'
import { commands } from '../../scripts/commands/index.js'
import { explain } from '../../scripts/explain.js'
import { nodeProblem } from '../../scripts/nodeVersion.js'
import { notBuilt, notBuiltYet } from '../../scripts/notBuilt.js'
import { parseCommandLine } from '../../scripts/program.js'
import { stipple } from './commandLine.js'

const oneLine = /^stipple: [^\n]+; [^\n]+; [^\n]+\n$/

t.test('usage that is wrong: one line on stderr that says what to do, nothing on stdout, exit code 2', async t => {
  const cases: readonly [string, RegExp][] = [
    ['', /expected a command of galaxies.*; got none; see stipple --help/],
    ['galaxes train', /got 'galaxes'; did you mean 'galaxies'\?/],
    ['galaxies', /expected a verb of simulate, train, sample, infer, evaluate; got none/],
    ['galaxies trian', /got 'trian'; did you mean 'train'\?/],
    ['galaxies train --dta x', /got '--dta'; did you mean --data\?/],
    ['galaxies train --data', /expected a value after --data; got none/],
    ['galaxies train --out x', /expected --data <files\.\.\.>; got none/],
    ['galaxies train --data x', /expected --out <path>; got none/],
    ['galaxies simulate --out x --n 1.5', /expected --n to be a whole number from 1; got '1\.5'/],
    ['galaxies simulate --out x --n 0', /got '0'/],
    ['galaxies simulate --out x --seed -1', /expected --seed to be a whole number from 0; got '-1'/],
    ['galaxies sample --out x --omega-m lots', /expected --omega-m to be a number; got 'lots'/],
    [
      'galaxies sample --out x --sampler heum',
      /one of ladder, ancestral, ddim, dpmpp-2m, dpmpp-2m-sde, heun, heun-sde, ode; got 'heum'/,
    ],
    ['galaxies sample --out x --device tpu', /one of cpu, webgpu, cuda; got 'tpu'/],
    ['galaxies sample stray --out x', /expected no further words/],
    ['--verbos', /got '--verbos'/],
  ]
  for (const [line, pattern] of cases) {
    try {
      parseCommandLine(line.split(' ').filter(Boolean), commands, '0.0.0')
      t.fail(`'${line}' was taken`)
    } catch (error) {
      t.ok(error instanceof UsageError && error.exitCode === 2, line)
      t.match(explain(error), /^[^\n]+; [^\n]+; [^\n]+$/)
      t.match(explain(error), pattern)
    }
  }
  for (const [line, pattern] of cases.filter((_, i) => i % 6 === 0)) {
    const { code, stdout, stderr } = await stipple(...line.split(' ').filter(Boolean))
    t.equal(code, 2, line)
    t.equal(stdout, '')
    t.match(stderr, oneLine)
    t.match(stderr, pattern)
  }
})

t.test('what is not built says so with exit code 2, and no help shows it', async t => {
  const help = (await stipple('--help')).stdout
  t.equal(notBuiltYet(['galaxies', 'train']), undefined)
  for (const entry of notBuilt) t.equal(notBuiltYet(`${entry} --help`.split(' ')), entry)
  for (const entry of ['images', 'dwarfs sample']) {
    const { code, stdout, stderr } = await stipple(...entry.split(' '), '--json')
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, oneLine)
    t.match(stderr, `got '${entry}', which is not built yet`)
  }
  for (const entry of notBuilt) t.notMatch(help, new RegExp(`^  ${entry}\\b`, 'm'))
  for (const { subject, verb } of commands)
    t.equal(notBuiltYet(verb ? [subject, verb] : [subject]), undefined, 'no command is in both tables')
})

t.test('help tells every command and every option; the version is that of the package', async t => {
  const { code, stdout } = await stipple('--help')
  t.equal(code, 0)
  for (const { subject } of commands) t.match(stdout, new RegExp(`^  ${subject}\\b`, 'm'))
  t.match((await stipple('--version')).stdout, /^\d+\.\d+\.\d+\n$/)
  const train = (await stipple('galaxies', 'train', '--help')).stdout
  for (const { flags } of Object.values(commonOptions)) t.match(train, `  ${flags}`)
})

t.test('the options that every release keeps, and those added to them, one by one', t => {
  const promised: Readonly<Record<string, string>> = {
    'galaxies simulate': '--n --design --omega-m --sigma-8 --omega-b --h --n-s --points --box --grid',
    'galaxies train': '--data --network --objective',
    'galaxies sample':
      '--omega-m --sigma-8 --omega-b --h --n-s --fiducial-rest --n --box --points --log-mass-min --steps --sampler',
    'galaxies evaluate': '--data --samples --n --steps --method --sampler',
    'galaxies infer': '--data --index --method --beside --n --page',
    'dwarfs simulate': '--n --stars --stars-exact --errors --binaries --contaminants --prior --df-clip',
  }
  for (const [name, flags] of Object.entries(promised)) {
    const command = commands.find(({ subject, verb }) => `${subject} ${verb}` === name)
    t.same(
      Object.values(command?.options ?? {}).map(spec => longName(spec.flags)),
      flags.split(' '),
      name,
    )
  }
  const common =
    '--out --resume --run --seed --threads --device --extrapolate --preset --config --set --json --quiet --verbose --force'
  t.same(
    Object.values(commonOptions).map(spec => longName(spec.flags)),
    common.split(' '),
  )
  for (const { options } of commands) {
    const clash = Object.keys(options).filter(name => name in commonOptions)
    t.same(clash, [], 'no option of a command hides a common one')
  }
  t.end()
})

t.test('an old Node.js is told so', t => {
  t.match(nodeProblem('18.20.1'), /^expected Node\.js 20 or newer; got 18\.20\.1; /)
  t.equal(nodeProblem('20.0.0'), undefined)
  t.equal(nodeProblem('24.1.0'), undefined)
  t.end()
})
