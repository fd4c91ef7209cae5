import * as tf from '@tensorflow/tfjs'
import t from 'tap'
import { compile, DeviceUnavailable, doctor, loadGpuBackend } from '../../../engine/index.js'

t.test('the doctor says what there is, and why not', async t => {
  const report = await doctor()
  t.match(report, {
    node: process.version,
    versions: { onnxruntime: /^\d+\.\d+/, tfjs: /^4\./, h5wasm: /^\d+\.\d+/ },
  })
  t.ok(report.threads > 0 && report.memoryGiB > 0)
  t.same(
    report.devices.map(({ device }) => device),
    ['cpu', 'webgpu', 'cuda'],
  )
  t.match(report.devices[0], { available: true, reason: '' })
  for (const { device, available, reason } of report.devices) {
    t.equal(reason === '', available, `${device}: ${reason}`)
    t.notMatch(reason, /\n/)
    if (!available) {
      const attempt = compile((x: tf.Tensor) => x.square(), [{ shape: [2] }], { device })
      await t.rejects(attempt, DeviceUnavailable, `compile for ${device}`)
    }
  }
})

t.test('the optional GPU backend of tfjs says how to install it where it is missing', async t => {
  const before = tf.getBackend()
  try {
    await loadGpuBackend()
    t.equal(tf.getBackend(), 'tensorflow')
  } catch (error) {
    t.type(error, DeviceUnavailable)
    t.match((error as Error).message, /npm install @tensorflow\/tfjs-node-gpu/)
  }
  await tf.setBackend(before)
})
