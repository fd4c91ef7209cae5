import { type MethodName, methodNames, methods } from '../../generative/sbi/methodNames.js'

export type EmbeddedMethod = Exclude<MethodName, 'nle'>

/** Methods that learn from objects of any kind: those that do not need rows of numbers. */
export const embeddedMethods = methodNames.filter(name => !methods[name].rowsOnly) as [
  EmbeddedMethod,
  ...EmbeddedMethod[],
]
