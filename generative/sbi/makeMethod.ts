import { UsageError } from '../../core/index.js'
import type { Method } from './method.js'
import { type FmpeOptions, fmpe } from './methods/fmpe.js'
import { type NleOptions, nle } from './methods/nle.js'
import { type NpeOptions, npe } from './methods/npe.js'
import { type NpseOptions, npse } from './methods/npse.js'
import { type NreOptions, nre } from './methods/nre.js'

export const methodNames = ['npe', 'nle', 'nre', 'fmpe', 'npse'] as const
export type MethodName = (typeof methodNames)[number]

/** Options of all methods in one: a method takes of them what it knows. */
export type MethodOptions = NpeOptions & NleOptions & NreOptions & FmpeOptions & NpseOptions

const methods: Readonly<Record<MethodName, (options: MethodOptions) => Method>> = { npe, nle, nre, fmpe, npse }

/** A method by its name. */
export function makeMethod(name: MethodName, options: MethodOptions): Method {
  if (!methodNames.includes(name)) {
    throw new UsageError(`expected one of the methods ${methodNames.join(', ')}`, `got ${name}`, 'choose one of them')
  }
  return methods[name](options)
}
