import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { refuses } from './refusal.js'
import { few, networkAlone, stippleHere, tinyFile, trained } from './tiny.js'

t.test('simulate: parameters and designs that cannot be', async t => {
  const folder = t.testdir({
    'taken.h5': 'mine',
    'no-rows.csv': 'omega_m,sigma_8\n',
    'odd.csv': 'a,b\n1,2\n',
    'text.csv': 'omega_m,sigma_8\nx,y\n',
    'far.csv': 'omega_m,sigma_8\n-1,0.8\n',
  })
  const out = join(folder, 'f.h5')
  const tiny = ['--n', '1', '--points', '50', '--grid', '32', '--box', '200']
  const simulate = (...args: string[]) => ['galaxies', 'simulate', '--out', out, ...tiny, ...args]
  const cases: readonly [string[], 2 | 3, RegExp][] = [
    [simulate('--omega-m', '0.3'), 2, /both --omega-m and --sigma-8; got one/],
    [simulate('--sigma-8', '0.8'), 2, /both --omega-m and --sigma-8; got one/],
    [simulate('--omega-m', '0.01', '--sigma-8', '0.8'), 2, /--omega-m.*; got 0\.01/],
    [simulate('--omega-m', '0.3', '--sigma-8', '-1'), 2, /--sigma-8.*; got 0\.3, 0\.049, 0\.6711 and -1/],
    [simulate('--omega-m', '0.3', '--sigma-8', '0.8', '--n', '0'), 2, /--n.*; got '0'/],
    [simulate('--box', '0'), 2, /--box.*; got '0'/],
    [simulate('--points', '1'), 2, /--points.*; got '?1/],
    [simulate('--design', 'sobl'), 2, /'?sobl/],
    [simulate('--design', join(folder, 'none.csv')), 3, /none\.csv/],
    [simulate('--design', join(folder, 'no-rows.csv')), 2, /--n to be at most 0, the rows of .*no-rows\.csv; got 1/],
    [simulate('--design', join(folder, 'odd.csv')), 3, /odd\.csv/],
    [simulate('--design', join(folder, 'text.csv')), 3, /text\.csv/],
    [simulate('--design', join(folder, 'far.csv')), 3, /omega_m < 1.* in line 2 of .*far\.csv; got .*omega_m -1,/],
    [['galaxies', 'simulate', '--out', join(folder, 'taken.h5'), ...tiny], 2, /--out to be new; got .*taken\.h5/],
  ]
  await few(cases, ([args, code, says]) => refuses(t, { args, code, says, folder }))
  // One after another: known only when the work has begun, with a temporary file that another would see.
  const begun: typeof cases = [
    [simulate('--grid', '16', '--box', '600'), 2, /halos in a box of 600 Mpc\/h on cells of 37\.5 Mpc\/h; got [01], /],
    [simulate('--grid', '21'), 2, /--grid to be an even number.*; got 21/],
  ]
  for (const [args, code, says] of begun) await refuses(t, { args, code, says, folder })
})

t.test('train: configurations that are not known; the nearest that is', async t => {
  const folder = t.testdir({
    'typo.json': '{"train": {"stpes": 3}}',
    'deep.json': '{"steps": 3}',
    'text.json': 'steps: 3',
    'list.json': '[1]',
  })
  const data = await tinyFile(folder)
  const train = (...args: string[]) => ['galaxies', 'train', '--data', data, '--out', join(folder, 'run'), ...args]
  const cases: readonly [string[], RegExp][] = [
    [train('--set', 'train.stpes=3'), /got 'train\.stpes'; did you mean 'train\.steps'\?/],
    [train('--set', 'netwrok.width=3'), /got 'netwrok[^']*'; did you mean 'network/],
    [train('--set', 'steps=3'), /got 'steps'; did you mean 'train\.steps'\?/],
    [train('--set', 'train.steps'), /expected --set name=value; got 'train\.steps'/],
    [train('--set', 'train.steps=many'), /expected train\.steps to be a (whole )?number; got "many"/],
    [train('--set', 'train.steps=-1'), /expected train\.steps to be at least 0; got -1/],
    [train('--set', 'train=3'), /expected train to be .*; got 3/],
    [train('--set', 'network.kind=gcn'), /expected network\.kind to be one of .*gnn.*; got "gcn"/],
    [
      train('--network', 'transformer', '--set', 'network.width=10'),
      /network\.width to be a multiple of network\.heads; got 10/,
    ],
    [train('--config', join(folder, 'typo.json')), /typo\.json; got 'train\.stpes'; did you mean 'train\.steps'\?/],
    [train('--config', join(folder, 'deep.json')), /deep\.json; got 'steps'; did you mean 'train\.steps'\?/],
    [train('--config', join(folder, 'text.json')), /expected JSON in .*text\.json/],
    [train('--config', join(folder, 'list.json')), /expected a JSON object in .*list\.json; got an array/],
    [train('--config', join(folder, 'none.json')), /a JSON file at .*none\.json/],
    [train('--config', folder), /a JSON file at/],
    [train('--preset', 'quik'), /expected a preset of quick, .*; got 'quik'; did you mean --preset quick\?/],
    [train('--network', 'gcn'), /--network to be one of .*; got 'gcn'/],
  ]
  await few(cases, ([args, says]) => refuses(t, { args, code: 2, says, folder }))
  // Known only when the box is: by itself, for the run is begun and taken back.
  const narrow = train('--set', 'noise.sigmaMin=30')
  await refuses(t, { args: narrow, code: 2, says: /noise\.sigmaMin below .*, 30 Mpc\/h; got 30/, folder })
})

t.test('train: what is in --out already', async t => {
  const folder = t.testdir({ 'a-file': 'mine', theirs: { 'thesis.tex': 'mine' } })
  const data = await tinyFile(folder)
  const run = await trained(folder, data, networkAlone)
  const train = (out: string, ...args: string[]) => ['galaxies', 'train', '--data', data, '--out', out, ...args]
  const cases: readonly [string[], RegExp][] = [
    [train(run, ...networkAlone), /--out to be new; got .*run, which holds a run; .*--resume.*--force/],
    [train(join(folder, 'a-file')), /--out to be a folder; got the file/],
    [train(join(folder, 'theirs')), /a new or empty folder; got .*thesis\.tex/],
    [train(run, '--resume', '--seed', '1', ...networkAlone), /expected seed = 0, as the run in .*; got 1/],
    [train(run, '--resume', ...networkAlone, '--set', 'train.steps=3'), /expected train\.steps = 2.*; got 3/],
  ]
  for (const [args, says] of cases) await refuses(t, { args, code: 2, says, folder })
  const replaced = await stippleHere([...train(run, '--force', '--quiet'), ...networkAlone])
  t.equal(replaced.code, 0, replaced.stderr)
})

t.test('evaluate: what contradicts or would not be heard', async t => {
  const folder = t.testdir({})
  const data = await tinyFile(folder)
  const evaluate = (...args: string[]) => ['galaxies', 'evaluate', '--data', data, ...args]
  const cases: readonly [string[], RegExp][] = [
    [evaluate('--samples', data, '--run', folder), /one of --samples and --run; got both/],
    [evaluate('--samples', data, '--steps', '8'), /--steps with --run; got it with --samples/],
    [evaluate('--samples', data, '--set', 'train.steps=3'), /no settings of training.*; got --set train\.steps=3/],
    [evaluate('--run', folder, '--preset', 'quick'), /no settings of training.*; got --preset quick/],
    [evaluate('--samples', data, '--resume'), /evaluate without --resume; got it/],
  ]
  await few(cases, ([args, says]) => refuses(t, { args, code: 2, says, folder }))
})

t.test('train: a loss that is no number ends the work; no model is left that would draw it', async t => {
  const folder = t.testdir({})
  const out = join(folder, 'run')
  const train = ['galaxies', 'train', '--data', await tinyFile(folder), '--out', out, '--quiet', ...networkAlone]
  const { code, stderr } = await stippleHere([...train, '--set', 'train.learningRate=1e30'])
  t.equal(code, 1)
  t.match(
    stderr,
    /^stipple: expected training to stay finite; got a loss of NaN in step 2; [^\n;]*train\.learningRate[^\n;]*\n$/,
  )
  t.notOk(existsSync(join(out, 'model.safetensors')))
})

t.test('a device that the machine may not have: used, or refused in one line before anything is made', async t => {
  const folder = t.testdir({})
  const out = join(folder, 'run')
  const train = ['galaxies', 'train', '--data', await tinyFile(folder), '--out', out, '--quiet', ...networkAlone]
  const { code, stderr } = await stippleHere([...train, '--device', 'cuda'])
  if (code === 0) return t.ok(existsSync(join(out, 'model.safetensors')))
  t.equal(code, 2)
  t.match(stderr, /^stipple: expected the device cuda; got none: [^\n;]+; [^\n;]+\n$/)
  return t.notOk(existsSync(out))
})
