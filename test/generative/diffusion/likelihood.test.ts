import t from 'tap'
import { makeKey, type State } from '../../../core/index.js'
import { flowLogProb, gaussianLogProb } from '../../../generative/diffusion/index.js'
import { denoiserOf, drawMixture, logProbs, oneGaussian, threeClumps } from './mixture.js'

t.test('the flow finds the log density of the mixture, with the divergence by differences', async t => {
  const [smallest, largest] = [0.1, 40]
  const drawn = drawMixture(threeClumps, makeKey(6), 64, 1, smallest)
  const base = (x: State) => logProbs(threeClumps, x, largest)
  const found = await flowLogProb(denoiserOf(threeClumps), drawn, [smallest, largest], { base })
  let worst = 0
  const exact = logProbs(threeClumps, drawn, smallest)
  found.logProb.forEach((log, i) => {
    worst = Math.max(worst, Math.abs(log - exact[i]))
  })
  t.comment(`largest difference ${worst.toExponential(2)} nats, ${found.evaluations} evaluations of the slope`)
  t.ok(worst < 0.003)
})

t.test('with the exact trace a Gaussian comes out to the tolerance', async t => {
  const sd = 0.8
  const drawn = drawMixture(oneGaussian(sd), makeKey(7), 8, 3, 0.05)
  const trace = async (x: { shape: readonly number[] }, sigma: number) =>
    new Float64Array(x.shape[0]).fill((3 * sd ** 2) / (sd ** 2 + sigma ** 2))
  const base = gaussianLogProb(Math.hypot(20, sd))
  const found = await flowLogProb(denoiserOf(oneGaussian(sd)), drawn, [0.05, 20], { base, trace })
  const exact = gaussianLogProb(Math.hypot(0.05, sd))(drawn)
  found.logProb.forEach((log, i) => {
    t.ok(Math.abs(log - exact[i]) < 1e-3, `${log} against ${exact[i]}`)
  })
})
