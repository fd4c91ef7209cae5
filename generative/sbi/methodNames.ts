/**
 * Methods of simulation-based inference: what each learns, whether it needs observations that are rows of numbers, and
 * where its next round simulates. Light: configurations, commands, help and tests read it.
 */
export const methods = {
  npe: { learns: 'the posterior, by a flow', rowsOnly: false, rounds: 'truncated prior' },
  nle: { learns: 'the likelihood, by a flow', rowsOnly: true, rounds: 'posterior' },
  nre: { learns: 'the ratio of likelihood and evidence', rowsOnly: false, rounds: 'posterior' },
  fmpe: { learns: 'a velocity from noise to the posterior', rowsOnly: false, rounds: 'truncated prior' },
  npse: { learns: 'the score of the noised posterior', rowsOnly: false, rounds: 'truncated prior' },
} as const

export type MethodName = keyof typeof methods

export const methodNames = Object.keys(methods) as [MethodName, ...MethodName[]]
