/** The programs of docs/examples, run whole: what they print is known analytically. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

async function numbersOf(name: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [`dist/docs/examples/${name}.js`])
  return stdout.split('\n').flatMap(line => (line === '' ? [] : Number(line.split(':')[1])))
}

t.test('posterior: of a normal prior and three normal measurements', async t => {
  // The precision is 1 / 100 + (1 + 4 + 9) / 0.25, the pull (2.1 + 7.6 + 18.3) / 0.25.
  const mean = 112 / 56.01
  const [found] = await numbersOf('posterior')
  t.ok(Math.abs(found - mean) < 0.03, `${found} of ${mean}`)
})

t.test('flow: the mean of a normal distribution given its condition', async t => {
  const [found] = await numbersOf('flow')
  t.ok(Math.abs(found - 1.5) < 0.06, `${found}`)
})

t.test('denoiser: two points, equally often', async t => {
  const [share, mean] = await numbersOf('denoiser')
  t.ok(Math.abs(share - 0.5) < 0.04, `${share}`)
  t.ok(Math.abs(mean - 1) < 0.01, `${mean}`)
})
