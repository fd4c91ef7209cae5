import { DataError } from '../../../core/index.js'
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../io/index.js'
import type { MarksModel } from './marksModel.js'

/**
 * Writes the model to one safetensors file: coefficients in float64, the rest as metadata. Atomic, equal models give
 * equal bytes.
 */
export function saveMarks(path: string, model: MarksModel): void {
  const terms = model.theta.terms.length
  const tensor = (values: Float64Array, rows = terms): StoredTensor => ({ shape: [rows, values.length / rows], values })
  const coarse = (values: Float64Array) => tensor(values, model.coarse.length)
  const { coefficients, ...mass } = model.mass
  const { basis, theta, coarse: chosen, fields, box, density, diagnostics } = model
  const { levels, denoiser } = model.rest
  const stacked = Float64Array.from(denoiser.flatMap(level => [...level]))
  writeSafetensors(
    path,
    {
      mass_function: tensor(coefficients),
      score_coefficients: coarse(model.scores.coefficients),
      score_noise: tensor(model.scores.noise),
      velocity_scale: tensor(model.velocity.scale),
      velocity_coefficients: tensor(model.velocity.coefficients),
      velocity_residual: tensor(model.velocity.residual),
      rest_coefficients: coarse(model.rest.coefficients),
      rest_denoiser: tensor(stacked, levels.length),
    },
    { marks: JSON.stringify({ basis, theta, coarse: chosen, fields, box, density, diagnostics, mass, levels }) },
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
  const { mass, levels, ...others } = JSON.parse(metadata.marks) as Pick<
    MarksModel,
    'basis' | 'theta' | 'coarse' | 'fields' | 'box' | 'density' | 'diagnostics'
  > & {
    readonly mass: Omit<MarksModel['mass'], 'coefficients'>
    readonly levels: readonly number[]
  }
  const stacked = tensor('rest_denoiser')
  const each = stacked.length / levels.length
  return {
    ...others,
    mass: { ...mass, coefficients: tensor('mass_function') },
    scores: { coefficients: tensor('score_coefficients'), noise: tensor('score_noise') },
    velocity: {
      scale: tensor('velocity_scale'),
      coefficients: tensor('velocity_coefficients'),
      residual: tensor('velocity_residual'),
    },
    rest: {
      coefficients: tensor('rest_coefficients'),
      levels,
      denoiser: levels.map((_, i) => stacked.slice(i * each, (i + 1) * each)),
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
