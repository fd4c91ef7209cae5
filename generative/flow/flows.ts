/** What a kind of flow is made of. */
export interface FlowEntry {
  readonly layer: 'autoregressive' | 'coupling'
  readonly elementwise: 'affine' | 'spline'
  /** whether the layers are inverted, so that draws take one pass and the density a pass an axis */
  readonly inverted: boolean
}

/**
 * All flows, by the names that configurations take. A new one is an entry here; the law tests run over the entries.
 * This file loads no tensor library.
 */
export const flows = {
  maf: { layer: 'autoregressive', elementwise: 'affine', inverted: false },
  realnvp: { layer: 'coupling', elementwise: 'affine', inverted: false },
  iaf: { layer: 'autoregressive', elementwise: 'affine', inverted: true },
  'nsf-coupling': { layer: 'coupling', elementwise: 'spline', inverted: false },
  'nsf-autoregressive': { layer: 'autoregressive', elementwise: 'spline', inverted: false },
} as const satisfies Readonly<Record<string, FlowEntry>>

export type FlowKind = keyof typeof flows
export const flowKinds = Object.keys(flows) as readonly FlowKind[]
