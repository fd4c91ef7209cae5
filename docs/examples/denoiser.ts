import type { Tensor } from '@tensorflow/tfjs'
import { makeKey } from 'stippling/core'
import { sample } from 'stippling/diffusion'

// Points at -1 and +1, equally often. Behind x = clean + sigma noise the clean value is expected at tanh(x / sigma^2).
const denoise = (x: Tensor, sigma: Tensor) => x.div(sigma.square()).tanh()

const { values } = await sample(denoise, { shape: [4000, 1], sampler: 'dpmpp-2m-sde', steps: 40, key: makeKey(0) })
const right = values.filter(value => value > 0)
console.log('share at +1:', (right.length / values.length).toFixed(2))
console.log('mean there:', (right.reduce((sum, value) => sum + value, 0) / right.length).toFixed(3))
