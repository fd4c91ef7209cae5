import type { Field } from '../../io/galaxies/field.js'
import { type FieldStatistics, fieldStatistics, type StatisticsOptions } from '../../statistics/index.js'

export interface StatisticsTask {
  readonly field: Field
  readonly options: StatisticsOptions
  readonly withErrors: boolean
}

/** All statistics of one field on a worker thread. */
export default function measureOne({ field, options, withErrors }: StatisticsTask): FieldStatistics {
  return fieldStatistics(field, options, withErrors)
}
