import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { DataError, UsageError } from '../../core/index.js'
import { design, quijotePrior, sobol } from '../../simulators/index.js'

t.test('Sobol points are those of scipy', async t => {
  // from scipy.stats import qmc; qmc.Sobol(5, scramble=False).random(8)[[1, 2, 3, 5, 7]]     scipy 1.17.1
  const expected = [
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25, 0.75],
    [0.25, 0.75, 0.75, 0.75, 0.25],
    [0.875, 0.875, 0.125, 0.375, 0.875],
    [0.125, 0.625, 0.375, 0.125, 0.125],
  ]
  for (const [row, index] of [1, 2, 3, 5, 7].entries()) t.same(sobol(index, 5), expected[row])
})

t.test('designs', async t => {
  const [first] = await design('quijote', 3)
  const row0 = { omega_m: 0.1755, omega_b: 0.06681, h: 0.7737, n_s: 0.8849, sigma_8: 0.6641 }
  for (const [name, value] of Object.entries(row0)) t.ok(Math.abs(first[name] - value) < 1e-12, name)
  for (const theta of await design('sobol', 50))
    for (const [name, range] of Object.entries(quijotePrior)) t.ok(theta[name] >= range[0] && theta[name] < range[1])
  await t.rejects(design('quijote', 2001), UsageError)
  await t.rejects(design('latin', 1), UsageError)
  const path = join(mkdtempSync(join(tmpdir(), 'stipple-')), 'design.csv')
  writeFileSync(path, 'omega_m,sigma_8\n0.3,0.8\n0.2,x\n')
  await t.rejects(design(path, 2), DataError)
  writeFileSync(path, 'omega_m,sigma_8\n0.3,0.8\n')
  t.same(await design(path, 1), [{ omega_m: 0.3, sigma_8: 0.8 }])
})
