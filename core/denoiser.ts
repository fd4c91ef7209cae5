/**
 * A state under diffusion outside any tensor library: `[batch, points, channels]`, flat and row-major.
 * On a torus the state is lifted: coordinates are not wrapped while a sampler runs, only at its end; the denoiser,
 * which knows the box, takes differences by minimum image. So every sampler is the plain Euclidean one.
 */
export interface State {
  readonly shape: readonly [batch: number, points: number, channels: number]
  readonly values: Float32Array
}

/**
 * D(x; sigma): the clean state expected behind `x = clean + sigma * noise` (variance-exploding convention, Karras et
 * al. 2022, arXiv 2206.00364, equation 2). The score is (D - x) / sigma^2 and the predicted noise (x - D) / sigma.
 */
export type Denoiser = (x: State, sigma: number) => Promise<State>

/** Called after each step, for progress and for pictures. */
export type OnStep = (step: { readonly index: number; readonly sigma: number; readonly x: State }) => void
