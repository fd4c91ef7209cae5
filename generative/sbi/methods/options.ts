import type { Tensor } from '@tensorflow/tfjs'
import type { ParameterPrior } from '../../../core/index.js'
import type { Summary } from '../npe.js'
import type { SimulationStatistics } from '../simulationStatistics.js'

/** What every method is made from. */
export interface CommonOptions {
  readonly prior: ParameterPrior
  /** of the training simulations: `describeSimulations` */
  readonly statistics: SimulationStatistics
  /**
   * Reads standardised observations, `[batch, observations]` (NaN where there was NaN), for methods that condition on
   * x; from pipelines for sets and graphs. Default: the numbers themselves beside a residual network of them.
   */
  readonly summary?: Summary<Tensor> & { readonly outputs: number }
  /** begin at the linear Gaussian regression of the simulations (default), or at the prior */
  readonly start?: 'linear' | 'prior'
}
