import { availableParallelism } from 'node:os'
import { UsageError } from '../core/errors.js'
import { deviceNames } from '../engine/devices/deviceNames.js'

/** One option of a command: how it is written, what it means, how its text is read. `T` is what `run` receives. */
export interface OptionSpec<T> {
  readonly flags: string
  readonly description: string
  readonly fallback: T
  /** Shown in the help in place of the value of `fallback`. */
  readonly fallbackText?: string
  readonly required?: boolean
  /** True where the option may be given more than once; `T` is then an array. */
  readonly many?: boolean
  /** Absent for a switch. */
  read?(text: string): unknown
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>

/** What `run` receives of each option. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never
}

export interface NumberLimits {
  readonly min?: number
  readonly max?: number
}

/** A switch: given or not. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { flags, description, fallback: false }
}

/** Any text, such as a path. */
export function text(flags: string, description: string, fallback: string): OptionSpec<string>
export function text(flags: string, description: string): OptionSpec<string | undefined>
export function text(flags: string, description: string, fallback?: string): OptionSpec<string | undefined> {
  return { flags, description, fallback, read: readText(flags) }
}

/** Several texts: `--data a.h5 b.h5`, or the option given again. */
export function texts(flags: string, description: string, required = false): OptionSpec<readonly string[]> {
  return { flags, description, fallback: [], many: true, required, read: readText(flags) }
}

/** A finite number. */
export function real(flags: string, description: string, fallback: number, limits?: NumberLimits): OptionSpec<number>
export function real(flags: string, description: string): OptionSpec<number | undefined>
export function real(
  flags: string,
  description: string,
  fallback?: number,
  limits?: NumberLimits,
): OptionSpec<number | undefined> {
  return { flags, description, fallback, read: readNumber(flags, 'a number', Number.isFinite, limits) }
}

/** A whole number. */
export function whole(flags: string, description: string, fallback: number, limits?: NumberLimits): OptionSpec<number> {
  return {
    flags,
    description,
    fallback,
    read: readNumber(flags, 'a whole number', Number.isSafeInteger, limits),
  }
}

/** One of a few words. */
export function choice<const C extends readonly string[]>(
  flags: string,
  description: string,
  choices: C,
  fallback: C[number],
): OptionSpec<C[number]>
export function choice<const C extends readonly string[]>(
  flags: string,
  description: string,
  choices: C,
): OptionSpec<C[number] | undefined>
export function choice(
  flags: string,
  description: string,
  choices: readonly string[],
  fallback?: string,
): OptionSpec<string | undefined> {
  return {
    flags,
    description: `${description}: ${choices.join(', ')}`,
    fallback,
    read(input) {
      if (choices.includes(input)) return input
      throw new UsageError(
        `expected ${longName(flags)} to be one of ${choices.join(', ')}`,
        `got '${input}'`,
        'choose one of them',
      )
    },
  }
}

/** `--omega-m` of `--omega-m <value>` or of `-o, --omega-m <value>`. */
export function longName(flags: string): string {
  return flags.split(/[ ,]+/).find(word => word.startsWith('--')) ?? flags
}

function readText(flags: string): (input: string) => string {
  return input => {
    if (input !== '') return input
    throw new UsageError(`expected a value for ${longName(flags)}`, 'got an empty one', 'write one after it')
  }
}

function readNumber(
  flags: string,
  kind: string,
  accepts: (value: number) => boolean,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: NumberLimits = {},
): (input: string) => number {
  return input => {
    const value = input.trim() === '' ? Number.NaN : Number(input)
    if (accepts(value) && value >= min && value <= max) return value
    const from = Number.isFinite(min) ? ` from ${min}` : ''
    const to = Number.isFinite(max) ? ` to ${max}` : ''
    throw new UsageError(`expected ${longName(flags)} to be ${kind}${from}${to}`, `got '${input}'`, 'correct the value')
  }
}

/** What every command takes; its values are a `CommonOptions`. */
export const commonOptions = {
  out: text('--out <path>', 'where to write; an existing result stays unless --force is given'),
  resume: flag('--resume', 'resume from what is there'),
  run: text('--run <dir>', 'a run folder, made by train'),
  seed: whole('--seed <n>', 'seed of all random numbers', 0, { min: 0 }),
  threads: {
    ...whole('--threads <n>', 'threads to use', availableParallelism(), { min: 1, max: 1024 }),
    fallbackText: 'all cores',
  },
  device: choice('--device <name>', 'where to compute', deviceNames, 'cpu'),
  extrapolate: flag('--extrapolate', 'allow theta outside the trained range'),
  preset: text('--preset <name>', 'a named configuration'),
  config: text('--config <file>', 'settings over the preset, a JSON file'),
  set: texts('--set <a.b=value>', 'one setting over preset and file; may be repeated'),
  json: flag('--json', 'the last line on stdout is one JSON object; everything else goes to stderr'),
  quiet: flag('--quiet', 'no progress'),
  verbose: flag('--verbose', 'more detail, and the stack of an error'),
  force: flag('--force', 'overwrite an existing result'),
} as const
