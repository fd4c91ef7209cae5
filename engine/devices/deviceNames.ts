/** Where programs may run. This file loads nothing, so that options can be read without the runtime. */
export const deviceNames = ['cpu', 'webgpu', 'cuda'] as const

export type Device = (typeof deviceNames)[number]
