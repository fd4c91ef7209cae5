import { DataError } from '../../../core/index.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../io/index.js'
import type { MarksModel } from './marksModel.js'

/** Writes the model to one safetensors file: coefficients in float64, the rest as metadata. Atomic, equal models give equal bytes. */
export function saveMarks(path: string, model: MarksModel): void {
  const terms = model.theta.terms.length
  const tensor = (values: Float64Array): StoredTensor => ({ shape: [terms, values.length / terms], values })
  const { coefficients, ...mass } = model.mass
  const { basis, theta, fields, box, density, diagnostics } = model
  const each = model.denoiser.coefficients[0].length
  const stacked = new Float64Array(model.denoiser.levels.length * each)
  model.denoiser.coefficients.forEach((level, i) => {
    stacked.set(level, i * each)
  })
  const denoiser = { levels: model.denoiser.levels, terms: model.denoiser.terms }
  writeSafetensors(
    path,
    {
      mass_function: tensor(coefficients),
      score_coefficients: tensor(model.scores.coefficients),
      score_noise: tensor(model.scores.noise),
      velocity_scale: tensor(model.velocity.scale),
      velocity_coefficients: tensor(model.velocity.coefficients),
      velocity_residual: tensor(model.velocity.residual),
      denoiser: { shape: [model.denoiser.levels.length, each], values: stacked },
    },
    { marks: JSON.stringify({ basis, theta, fields, box, density, diagnostics, mass, denoiser }) },
  )
}

/** @throws DataError where the file is cut short or holds something else */
export function loadMarks(path: string): MarksModel {
  const { tensors, metadata } = readWhole(path)
  const tensor = (name: string): Float64Array => {
    const values = tensors[name]?.values
    if (!(values instanceof Float64Array))
      throw new DataError(`expected masses and velocities in ${path}`, `got no tensor ${name}`, 'fit them again')
    return values
  }
  if (metadata.marks === undefined)
    throw new DataError(`expected masses and velocities in ${path}`, 'got other tensors', 'fit them again')
  const { mass, denoiser, ...rest } = JSON.parse(metadata.marks) as Pick<
    MarksModel,
    'basis' | 'theta' | 'fields' | 'box' | 'density' | 'diagnostics'
  > & {
    readonly mass: Omit<MarksModel['mass'], 'coefficients'>
    readonly denoiser: Omit<MarksModel['denoiser'], 'coefficients'>
  }
  const stacked = tensor('denoiser')
  const each = stacked.length / denoiser.levels.length
  return {
    ...rest,
    mass: { ...mass, coefficients: tensor('mass_function') },
    scores: { coefficients: tensor('score_coefficients'), noise: tensor('score_noise') },
    velocity: {
      scale: tensor('velocity_scale'),
      coefficients: tensor('velocity_coefficients'),
      residual: tensor('velocity_residual'),
    },
    denoiser: {
      ...denoiser,
      coefficients: denoiser.levels.map((_, i) => stacked.slice(i * each, (i + 1) * each)),
    },
  }
}

function readWhole(path: string): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(path)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    throw new DataError(`expected a whole file of masses and velocities at ${path}`, error.got, 'fit them again', {
      cause: error,
    })
  }
}
