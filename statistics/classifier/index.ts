/**
 * A network that tells drawn fields from simulated ones.
 *
 * @module
 */

export { type Channels, type Descriptions, neighbourhoods, neighboursDescribed } from './neighbourhood.js'
export {
  areaUnderCurve,
  type FieldPair,
  type Share,
  type TwoSampleOptions,
  type TwoSampleTest,
  twoSampleDefaults,
  twoSampleTest,
} from './twoSampleTest.js'
