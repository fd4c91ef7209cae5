import type { z } from 'zod'
import type { Draws, Key, Posterior } from '../core/index.js'
import type { Device } from '../engine/index.js'
import type { ObjectKind } from '../io/objects/index.js'
import type { Page, Section } from '../report/index.js'
import type { Curve, Metric } from '../statistics/index.js'
import type { Unusualness } from './answers/trainedRegion.js'
import type { OptionSpecs, OptionValues } from './options.js'
import type { Settings } from './run/config.js'
import type { CommonOptions, RunContext } from './run/context.js'
import type { RunFolder } from './run/runFolder.js'

/**
 * A science case: what it is called, and which verbs it has. A case is science, a verb is frame: what a verb does (read
 * options, refuse, open the run folder or the parts, stream, work, write draws, card, page and JSON) stands in
 * `verbs/`; here stands what only this case knows. A case module is light: the science of a verb is loaded when it
 * runs.
 */
export interface Case {
  /** as on the command line: `dwarfs` */
  readonly name: string
  /** for the help */
  readonly description: string
  /** the objects that its files hold, by which `inspect` and `convert` know them */
  kinds?(): Promise<readonly ObjectKind<unknown>[]>
  readonly simulate?: CaseVerb<Making<unknown>>
  readonly train?: CaseVerb<Learning>
  readonly sample?: CaseVerb<Making<unknown>>
  readonly infer?: CaseVerb<Inference<unknown>>
  readonly evaluate?: CaseVerb<Evaluation<unknown>>
}

export const verbNames = ['simulate', 'train', 'sample', 'infer', 'evaluate'] as const
export type VerbName = (typeof verbNames)[number]

/** A verb of a case: how it is asked for, and its science, a function from what was asked to what the verb works on. */
export interface CaseVerb<Plan> {
  readonly description: string
  /** as `<file>` (needed), `[file]` */
  readonly positionals?: readonly string[]
  readonly options: OptionSpecs
  /** common options that it cannot do without */
  readonly requires?: readonly (keyof CommonOptions)[]
  load(): Promise<Science<CommonOptions & Readonly<Record<string, unknown>>, Plan>>
}

/** Checks what was asked, reads what is needed, and says what is to be done. */
export type Science<Options, Plan> = (
  options: Options,
  context: RunContext,
  positionals: readonly string[],
) => Promise<Plan>

/** A verb with the types of its own options put away, so that all cases lie in one table. */
export function caseVerb<const O extends OptionSpecs, Plan>(
  verb: Omit<CaseVerb<Plan>, 'options' | 'load'> & {
    readonly options: O
    load(): Promise<Science<CommonOptions & OptionValues<O>, Plan>>
  },
): CaseVerb<Plan> {
  return {
    ...verb,
    load: async () => (await verb.load()) as Science<CommonOptions & Readonly<Record<string, unknown>>, Plan>,
  }
}

/** Objects to be made, by `simulate` or `sample`: in parts, several at once, resumable. */
export interface Making<T> {
  readonly kind: ObjectKind<T>
  readonly n: number
  /** what has to be the same for parts of an interrupted run to be used */
  readonly identity: Readonly<Record<string, unknown>>
  /** what `--json` holds besides where the file is there already */
  readonly finished?: Readonly<Record<string, unknown>>
  /** objects of a part */
  readonly block: number
  /** `simulating galaxies` */
  readonly label: string
  /** @param blocks how many are left to make */
  open(blocks: number): Maker<T>
  /** attributes of the file */
  readonly attributes?: Readonly<Record<string, string | number>>
  /** attributes known at the end, from the sums of all parts' facts */
  closing?(sums: Facts): Readonly<Record<string, string | number>>
  /** halos a field where every object has as many; the file is then laid out for that */
  readonly points?: number
  /** said before the work */
  readonly begins?: readonly string[]
  /** reads the facts of every part, also of an earlier call, before the file is joined */
  eachPart?(facts: Facts): void
  /** what is said at the end, and what `--json` holds besides */
  report?(made: Made): Report
}

/** Small numbers of a part, which sum up. */
export type Facts = Readonly<Record<string, number>>

export interface Block {
  readonly index: number
  /** objects `from` to `to` of all */
  readonly from: number
  readonly to: number
}

/** Workers that make objects. */
export interface Maker<T> {
  /** blocks that may be under way at once */
  readonly atOnce: number
  make(block: Block): Promise<{ readonly objects: readonly T[]; readonly facts?: Facts }>
  close(): Promise<void>
}

/** What was made. */
export interface Made {
  readonly n: number
  /** made now, not read from parts of an earlier run */
  readonly drawn: number
  readonly seconds: number
  readonly sums: Facts
}

/** What a verb says at its end: lines of result, notes, warnings, and further keys of `--json`. */
export interface Report {
  readonly lines?: readonly string[]
  readonly notes?: readonly string[]
  readonly warnings?: readonly string[]
  readonly json?: Readonly<Record<string, unknown>>
}

/** A model to be trained in a run folder. `C` is its configuration, `J` what it adds to `--json`. */
export interface Learning<C = unknown, J extends object = Readonly<Record<string, unknown>>> {
  /** in run.json, where that is not the case's name */
  readonly subject?: string
  readonly schema: z.ZodObject
  readonly presets: Readonly<Record<string, Settings>>
  /** settings that options of the verb stand for, as `a.b=value` */
  readonly set?: readonly string[]
  /** what else, beside the configuration, seed and data, has to be the same for a run to be resumed */
  readonly identity?: Settings
  /** default: cpu alone */
  readonly devices?: readonly Device[]
  learn(stage: Stage<C>): Promise<Learned<J>>
}

/** A training run as its science sees it. */
export interface Stage<C> {
  readonly folder: RunFolder<C>
  readonly config: C
  readonly data: readonly string[]
  readonly seed: number
  readonly threads: number
  readonly device: Device
  readonly context: RunContext
  /** seconds since the verb began */
  seconds(): number
}

/** What training ends with. */
export interface Learned<J extends object = Readonly<Record<string, unknown>>> extends Omit<Report, 'json'> {
  readonly json?: J
  readonly steps: number
  readonly stepsPerSecond: number | null
  readonly dataWaitFraction: number
  /** the model card: its title, and paragraphs and tables */
  readonly card: { readonly title: string; readonly parts: readonly (readonly string[] | string)[] }
}

/** A posterior made ready to answer, and what a reader should know of it. */
export interface OpenPosterior<O> {
  readonly posterior: Posterior<O>
  /** as `--method` names it */
  readonly method: string
  readonly warnings?: readonly string[]
  readonly notes?: readonly string[]
  /** Whether the observation lies where the training lay; absent where the method was not trained. */
  unusual?(observation: O): Promise<Unusual>
}

/** How unusual an observation is, beside what it is compared with. */
export interface Unusual extends Unusualness {
  /** of held-out simulations, ascending */
  readonly distances: Float32Array
  readonly noun: { readonly one: string; readonly many: string }
  /** what it is compared with; default: the simulations */
  readonly among?: string
  /** what else to look at where it is unusual: `compare --method jeans` */
  readonly advice?: string
}

/** One observation to answer about. */
export interface Inference<O> {
  readonly observation: O
  readonly opened: OpenPosterior<O>
  readonly n: number
  /** of the draws */
  readonly key: Key
  /** for the page */
  readonly title: string
  readonly lead: string
  /** a line above the summaries */
  readonly heading?: string
  /** theta of a simulated observation */
  readonly truth?: readonly number[]
  /** where each parameter can lie; undefined where it is not bounded */
  readonly bounds?: readonly (readonly [number, number] | undefined)[]
  /** another way to the same posterior, drawn beside the first on the page */
  readonly second?: OpenPosterior<O> & { readonly key: Key }
  readonly provenance: readonly { readonly label: string; readonly value: string }[]
  readonly attributes?: Readonly<Record<string, string | number>>
  readonly notes?: readonly string[]
  /** the draws as they are under what was asked besides, as a prior of the user's */
  adjust?(draws: Draws): Draws
  /** what follows from the draws */
  explain?(draws: Draws): Promise<Explained> | Explained
}

/** What follows from draws of one observation. */
export interface Explained extends Report {
  /** further columns of the file of draws */
  readonly columns?: readonly { readonly name: string; readonly units: string; readonly values: Float64Array }[]
  readonly diagnostics?: Readonly<Record<string, unknown>>
  readonly facts?: readonly { readonly label: string; readonly value: string }[]
  /** further lines beside the provenance of the page */
  readonly provenance?: readonly { readonly label: string; readonly value: string }[]
  /** of the page, before and after the corner plot */
  readonly before?: readonly Section[]
  readonly after?: readonly Section[]
}

/** What is to be judged: posteriors of simulations, or something of the case's own. */
export type Evaluation<O> = Calibrating<O> | OwnEvaluation

/** Posteriors of simulations that the model has not seen. */
export interface Calibrating<O> {
  readonly kind: 'calibration'
  readonly opened: OpenPosterior<O>
  /** draws a simulation */
  readonly n: number
  readonly key: Key
  /** simulations that are read, 0 where that is not known before */
  readonly count: number
  /** in the plural: `galaxies` */
  readonly noun: string
  /** simulations one after another; one without theta counts as dropped */
  simulations(): AsyncIterable<Judgeable<O>>
  /** simulations that are answered at a time; default 1 */
  readonly block?: number
  /** where each parameter can lie */
  readonly bounds: readonly (readonly [number, number])[]
  /** theta in coordinates uniform under the prior; default: by `bounds` */
  toUnit?(theta: Float64Array): Float64Array | readonly number[]
  /** whether theta lies inside the prior, where simulations come from a wider one */
  isInside?(theta: readonly number[]): boolean
  readonly title: string
  /** what the posteriors are by, for the page */
  readonly by: string
  /** the files */
  readonly data: readonly string[]
  readonly provenance: readonly { readonly label: string; readonly value: string }[]
  /** measures of the case's own */
  readonly own?: OwnMeasure
  close?(): void
}

export interface Judgeable<O> {
  readonly observation: O
  /** absent where the simulation cannot be judged */
  readonly theta?: readonly number[]
  readonly key: Key
}

/** A measure of each posterior beside the truth, and what it comes to. */
export interface OwnMeasure {
  add(truth: readonly number[], theta: Float64Array): void
  /** @param calibrated whether every parameter by itself is */
  result(calibrated: boolean): Report & {
    readonly metrics: Readonly<Record<string, Metric>>
    /** the verdict in the place of `calibrated` */
    readonly passed?: boolean
    readonly facts?: readonly { readonly label: string; readonly value: string }[]
  }
}

/** An evaluation whose work is the case's own. */
export interface OwnEvaluation {
  readonly kind: 'own'
  run(): Promise<Evaluated>
}

/** What an evaluation comes to. */
export interface Evaluated extends Report {
  readonly metrics: Readonly<Record<string, Metric>>
  readonly curves?: Readonly<Record<string, Curve>>
  readonly passed?: boolean
  /** what `--out` becomes; without a page it holds the result itself as JSON */
  readonly page?: Omit<Page, 'environment'>
}
