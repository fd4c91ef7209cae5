import type { MarkBasis } from '../../../gnn/marks/index.js'
import type { MassFunction } from './massFunction.js'
import type { ThetaSpace } from './thetaSpace.js'

/**
 * p(velocities, masses | positions, theta) of halo fields, all in closed form. Coefficients are `[terms, …]`,
 * polynomials in theta.
 *
 * Masses: a mass function, and normal scores that say which halo has which of them: linear in the surroundings, plus
 * noise that neighbours share (a Gaussian copula). Velocities, given positions and masses: linear in the surroundings,
 * plus a rest: a random flow without rotation and a white part, which a short reverse diffusion makes fit the pairs.
 */
export interface MarksModel {
  readonly basis: MarkBasis
  readonly theta: ThetaSpace
  /** Fields fitted on, their box and their number density */
  readonly fields: number
  readonly box: readonly [number, number, number]
  readonly density: number
  readonly mass: MassFunction
  readonly scores: {
    /** `[coarse terms, massColumns]` */
    readonly coefficients: Float64Array
    /** `[terms, 1 + scoreEdges bins]`: variance of the noise, then its correlation between neighbours */
    readonly noise: Float64Array
  }
  readonly velocity: {
    /** `[terms]` ln of a component's rms, km/s */
    readonly scale: Float64Array
    /** `[terms, velocityColumns]`, in units of the rms */
    readonly coefficients: Float64Array
    /**
     * `[terms, 2 + 2 * flowEdges bins]`: ln of the rest's variance over the rms squared; of what `rest.coefficients`
     * leave of it; the last one's correlation along the separation, then across
     */
    readonly residual: Float64Array
  }
  /** Which of the theta terms are coarse: those of coefficients that change little */
  readonly coarse: readonly number[]
  readonly rest: {
    /**
     * `[coarse terms, fixed columns]`: what near halos' expected velocities tell of a halo's own, over the rest's rms
     */
    readonly coefficients: Float64Array
    /** Noise levels of the denoiser, in units of what then is left, ascending */
    readonly levels: readonly number[]
    /** `[levels]` of `[coarse terms, columns]` */
    readonly denoiser: readonly Float64Array[]
  }
  readonly diagnostics: MarksDiagnostics
}

/**
 * Shares of variance explained by the regressions, on the fields of the fit and on those held out while the ridge was
 * chosen.
 */
export interface MarksDiagnostics {
  readonly scores: Explained
  readonly velocity: Explained
  readonly rest: Explained
  readonly denoiser: readonly Explained[]
}

export interface Explained {
  readonly train: number
  readonly heldOut: number
  readonly ridge: number
}

/** Bins of separation for the shared noise of mass scores, Mpc/h. */
export const scoreEdges: readonly number[] = [0, 5, 8, 12, 18, 25, 35]

/** Bins of separation for the residual flow, Mpc/h; those beyond half the box are left out. */
export const flowEdges: readonly number[] = [0, 5, 8, 12, 18, 25, 35, 50, 70, 90, 110, 130, 160]
