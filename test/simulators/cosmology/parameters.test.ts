import t from 'tap'
import { galaxyParameters, parameterNames, quijotePrior } from '../../../simulators/index.js'

t.test('galaxy parameters are uniform in their box', async t => {
  const { names, units, labels, prior } = galaxyParameters(quijotePrior)
  t.same(names, parameterNames)
  t.same(prior.names, parameterNames)
  t.same(labels, ['Ωₘ', 'Ω_b', 'h', 'nₛ', 'σ₈'])
  t.same(units, ['', '', '', '', ''])
  t.same(
    Array.from(prior.toTheta(new Float64Array(5)), value => Number(value.toFixed(12))),
    [0.3, 0.05, 0.7, 1, 0.8],
  )
  const volume = 0.4 * 0.04 * 0.4 * 0.4 * 0.4
  t.ok(Math.abs(prior.logProb(Float64Array.of(0.3, 0.05, 0.7, 1, 0.8))[0] + Math.log(volume)) < 1e-12)
  t.equal(prior.logProb(Float64Array.of(0.3, 0.05, 0.7, 1, 1.1))[0], -Infinity)
})

t.test('some of the parameters, and others', async t => {
  const { names, labels } = galaxyParameters({ sigma_8: [0.6, 1], w0: [-1.3, -0.7] })
  t.same(names, ['sigma_8', 'w0'])
  t.same(labels, ['σ₈', 'w0'])
  t.throws(() => galaxyParameters({ h: [1, 0.5] }), { message: /prior of h to have two finite ends/ })
})
