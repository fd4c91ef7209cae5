import type { Field } from '../io/galaxies/field.js'
import type { Comparison, CorrelationTest, CurveSummary, JudgedCurve, ResponseBin } from '../statistics/index.js'
import type { Line } from './linePlot.js'

/** Everything a run's report shows. Numbers only: what is absent is left out of the page, nothing is made up. */
export interface ReportData {
  readonly title: string
  /** one or two sentences: what was run, on what */
  readonly lead: string
  /** the figures a reader wants first */
  readonly facts: readonly Fact[]
  readonly cosmologies: readonly CosmologyReport[]
  /** of an evaluation: fields judged together */
  readonly populations?: readonly PopulationReport[]
  readonly training?: TrainingReport
  readonly timings: readonly Timing[]
  /** the resolved configuration, as JSON */
  readonly configuration: unknown
  readonly environment: readonly Fact[]
  /** where data, code and model come from: files, hashes, versions, seeds, licences */
  readonly provenance: readonly Fact[]
}

export interface Fact {
  readonly label: string
  readonly value: string
}

/** One cosmology: fields drawn there, simulated fields beside them where there are any, and their statistics. */
export interface CosmologyReport {
  /** for example "Fiducial" or "Held-out row 412" */
  readonly name: string
  readonly theta: Readonly<Record<string, number>>
  /** one field to look at from each side, and how many there are */
  readonly generated: { readonly field: Field; readonly count: number }
  readonly simulated?: { readonly field: Field; readonly count: number }
  readonly comparison: Comparison
  readonly note?: string
}

/** One field to look at, of how many. */
export interface ShownField {
  readonly field: Field
  readonly count: number
}

/** Fields judged together: at one cosmology, or on average over several. */
export interface PopulationReport {
  readonly name: string
  /** where it is one cosmology */
  readonly theta?: Readonly<Record<string, number>>
  readonly generated: ShownField
  readonly simulated: ShownField
  /** one of them is shown where it is one cosmology */
  readonly cosmologies: number
  readonly curves: Readonly<Record<string, JudgedCurve>>
  readonly summary: Readonly<Record<string, CurveSummary>>
  readonly xi: CorrelationTest
  readonly response: readonly ResponseBin[]
  /** xi of each cosmology, where there are several */
  readonly each: readonly { readonly theta: Readonly<Record<string, number>>; readonly xi: JudgedCurve }[]
  /** sentences on what a classifier found */
  readonly classifier: readonly string[]
}

export interface TrainingReport {
  /** in steps against the loss */
  readonly loss?: readonly Line[]
  /** what the loss is, with its unit: "ELBO [nats/halo]" */
  readonly lossLabel?: string
  /** share of the noise's variance explained, by noise level in Mpc/h; fractions, not percent */
  readonly explainedShare?: readonly Line[]
  readonly note?: string
}

export interface Timing {
  readonly stage: string
  readonly seconds: number
  readonly detail?: string
}
