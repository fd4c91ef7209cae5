import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { spline } from '../../../generative/flow/index.js'
import { normalQuantile, normalShare } from '../../../generative/flow/normalQuantile.js'
import { apart } from './numbers.js'

await tf.setBackend('cpu')

/**
 * python (nflows 0.14, torch 2.15, float64):
 *   from nflows.transforms.splines.rational_quadratic import unconstrained_rational_quadratic_spline as rq
 *   w = tensor([.3, -1.2, .7, 0., 2.]); h = tensor([-.4, .9, .1, 1.5, -2.]); d = tensor([.5, -.8, 1.1, -.2])
 *   raw = log(expm1(exp(d) - 1e-3))    # nflows' slopes are 1e-3 + softplus(raw): so they are exp(d)
 *   x = tensor([-4.2, -1., .3, 2.9, 6.])
 *   rq(x, w.expand(5, 5), h.expand(5, 5), raw.expand(5, 4), tails='linear', tail_bound=5.)    # and with inverse=True
 */
const widths = [0.3, -1.2, 0.7, 0, 2]
const heights = [-0.4, 0.9, 0.1, 1.5, -2]
const logSlopes = [0.5, -0.8, 1.1, -0.2]
const x = [-4.2, -1, 0.3, 2.9, 6]
const forward = [-4.555905506580429, 4.878435009591211, 4.907858998312345, 4.9127201883366265, 6]
const forwardLogSlope = [-0.4790564921110094, -1.7839594458169996, -5.703191647793695, -6.163687113815991, 0]
const inverse = [-3.8606373374382814, -2.4963662341513944, -1.8223676692237345, -1.5007794754857164, 6]
const inverseLogSlope = [-1.1810853599610205, 0.3637524488104352, -1.688162512292895, -2.19323083316386, 0]

t.test('the rational-quadratic spline is that of nflows', async t => {
  const bound = Math.log(1000)
  const raw = logSlopes.map(v => bound * Math.atanh(v / bound))
  const shape = tf
    .tensor([...widths, ...heights, ...raw])
    .reshape([1, 1, 14])
    .tile([1, 5, 1])
  const pieces = spline({ bins: 5, bound: 5 })
  const there = pieces.forward(tf.tensor2d([x]), shape)
  t.ok(apart(forward, Array.from(there.y.dataSync())) < 2e-6)
  t.ok(apart(forwardLogSlope, Array.from(there.logSlope.dataSync())) < 2e-5)
  const back = pieces.inverse(tf.tensor2d([x]), shape)
  t.ok(apart(inverse, Array.from(back.x.dataSync())) < 2e-6)
  t.ok(apart(inverseLogSlope, Array.from(back.logSlope.dataSync())) < 2e-5)
})

/** python: from scipy.special import ndtri; [ndtri(float(numpy.float32(u))) for u in shares]    # scipy 1.17 */
t.test('the normal quantile is that of scipy', async t => {
  const shares = [1e-7, 1e-5, 0.001, 0.02425, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999, 0.999999]
  const expected = [
    -5.199337580020491, -4.264890799563287, -3.090232292061434, -1.972961038756984, -1.2815515570538296,
    -0.5244004784222137, 0.0, 0.5244004784222137, 1.281551429692279, 2.3263482318637534, 3.718974568757522,
    4.7507577546030335,
  ]
  const found = Array.from(normalQuantile(tf.tensor1d(shares)).dataSync())
  t.ok(apart(expected, found) < 2e-6, `apart by ${apart(expected, found)}`)
  const walls = Array.from(normalQuantile(tf.tensor1d([0, 1, -3, 2])).dataSync())
  t.ok(
    walls.every((v, i) => Number.isFinite(v) && Math.abs(Math.abs(v) - 5.29) < 0.02 && v > 0 === i % 2 > 0),
    'walls',
  )
  const back = Array.from(normalShare(tf.tensor1d(found)).dataSync())
  t.ok(back.every((u, i) => Math.abs(u - shares[i]) < 3e-7))
})
