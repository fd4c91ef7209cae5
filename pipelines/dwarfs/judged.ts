import type { Calibration } from '../../generative/calibration/index.js'
import type { DwarfPrior } from '../../simulators/index.js'
import type { Recovery } from '../answers/recovery.js'

/** Simulated galaxies judged by either method. */
export interface Judged {
  readonly prior: DwarfPrior
  /** all galaxies of the files */
  readonly all: Calibration
  /** those whose parameters lie inside the prior of the posterior, where there are others */
  readonly inside?: Calibration
  /** some of all galaxies to look at, in the order of `dwarfNames` */
  readonly recovery: readonly Recovery[]
}
