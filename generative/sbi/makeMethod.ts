import { type Parameters, UsageError } from '../../core/index.js'
import type { FlowShape } from './conditionalDensity.js'
import type { Method } from './method.js'
import { type MethodName, methodNames, methods } from './methodNames.js'
import { fmpeMethod } from './methods/fmpe.js'
import { type NleOptions, nleMethod } from './methods/nle.js'
import { npeMethod } from './methods/npe.js'
import { npseMethod } from './methods/npse.js'
import { nreMethod } from './methods/nre.js'
import type { MethodReader } from './reader.js'
import { type Row, rowReader } from './readers/rows.js'

export interface MethodOptions<O> extends FlowShape {
  readonly parameters: Parameters
  readonly reader: MethodReader<O>
  /** of the networks of nre, fmpe and npse; default 64 */
  readonly width?: number
  /** their residual blocks; default 2 */
  readonly blocks?: number
}

const makers: {
  readonly [M in Exclude<MethodName, 'nle'>]: <O>(options: MethodOptions<O>) => Method<O>
} = { npe: npeMethod, nre: nreMethod, fmpe: fmpeMethod, npse: npseMethod }

/**
 * A method that conditions on observations, by its name, over any reader.
 *
 * @throws UsageError for nle, which learns the density of observations that are rows of numbers
 */
export function makeMethod<O>(name: MethodName, options: MethodOptions<O>): Method<O> {
  if (name !== 'nle') return makers[name](options)
  const others = methodNames.filter(method => !methods[method].rowsOnly)
  throw new UsageError(
    `expected one of the methods ${others.join(', ')}`,
    `got ${name}, which learns the density of the observation itself and needs rows of numbers`,
    'choose another method, or summarise the observations in numbers',
  )
}

/** Any method over rows of numbers, by its name. */
export function makeRowMethod(name: MethodName, options: NleOptions): Method<Row> {
  if (name === 'nle') return nleMethod(options)
  return makers[name]({ ...options, reader: rowReader(options.statistics, options) })
}
