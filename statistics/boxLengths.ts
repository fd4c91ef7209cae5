import { type Box, UsageError } from '../core/index.js'

/**
 * The lengths of a box that is periodic along every axis, in its unit.
 *
 * @throws UsageError for an open axis: without a volume no density is known
 */
export function periodicLengths(box: Box): number[] {
  return box.map(length => {
    if (length === null)
      throw new UsageError(
        'expected a box periodic along every axis',
        'got an open axis',
        'give all lengths: without a volume no density is known',
      )
    return length
  })
}

/**
 * The volume of a periodic box, (Mpc/h)^3.
 *
 * @throws UsageError for an open axis
 */
export function boxVolume(box: Box): number {
  return periodicLengths(box).reduce((volume, length) => volume * length, 1)
}
