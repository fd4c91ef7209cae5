import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf, UsageError } from '../../core/errors.js'
import { nearest } from './nearest.js'

/** Nested settings before the schema has seen them. */
export interface Settings {
  readonly [key: string]: unknown
}

/** Where settings come from; later ones win: schema defaults, preset, file, `set`. */
export interface ConfigSources {
  readonly preset?: string
  /** Path of a JSON file. */
  readonly file?: string
  /** Each `a.b=value`; the value is JSON, or else the text itself. */
  readonly set?: readonly string[]
}

/**
 * The configuration of a run: schema defaults, then preset, then file, then settings.
 *
 * @throws UsageError for an unknown preset or key (naming the nearest known one), a file that is not there or not JSON,
 *   a setting without `=`, and a value that the schema refuses
 */
export function resolveConfig<S extends z.ZodObject>(
  schema: S,
  presets: Readonly<Record<string, Settings>>,
  sources: ConfigSources,
): z.output<S> {
  let settings: Settings = {}
  if (sources.preset !== undefined) settings = merge(settings, presetNamed(presets, sources.preset))
  if (sources.file !== undefined) {
    const fromFile = readSettings(sources.file)
    refuseUnknown(schema, fromFile, sources.file)
    settings = merge(settings, fromFile)
  }
  for (const text of sources.set ?? []) settings = merge(settings, parseSetting(schema, text))
  return checkConfig(schema, settings)
}

/** Settings through the schema: unknown keys and refused values are errors of one line. */
export function checkConfig<S extends z.ZodObject>(schema: S, settings: Settings): z.output<S> {
  refuseUnknown(schema, settings, 'the configuration')
  const parsed = schema.safeParse(settings)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue.path.join('.')
  const value = issue.path.reduce<unknown>((at, key) => (isSettings(at) ? at[String(key)] : undefined), settings)
  throw new UsageError(
    `expected ${path || 'the configuration'} to be ${wanted(issue)}`,
    `got ${value === undefined ? 'nothing' : JSON.stringify(value)}`,
    `correct it in --config or by --set ${path}=…`,
  )
}

function presetNamed(presets: Readonly<Record<string, Settings>>, name: string): Settings {
  if (Object.hasOwn(presets, name)) return presets[name]
  const names = Object.keys(presets)
  throw new UsageError(
    `expected a preset of ${names.join(', ')}`,
    `got '${name}'`,
    `did you mean --preset ${nearest(name, names)}?`,
  )
}

function readSettings(file: string): Settings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(
      `expected a JSON file at ${file}`,
      `got ${messageOf(error)}`,
      'give the path of a file to --config',
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`expected JSON in ${file}`, `got ${messageOf(error)}`, 'correct the file')
  }
  if (!isSettings(value))
    throw new UsageError(`expected a JSON object in ${file}`, `got ${kindOf(value)}`, 'correct the file')
  return value
}

function parseSetting(schema: z.ZodObject, text: string): Settings {
  const equals = text.indexOf('=')
  if (equals <= 0)
    throw new UsageError('expected --set name=value', `got '${text}'`, 'write for example --set train.steps=100')
  const path = text.slice(0, equals).trim().split('.')
  const raw = text.slice(equals + 1)
  const leaf = path.reduce<unknown>((at, key) => shapeOf(at)?.[key], schema)
  const textual = leaf !== undefined && (bare(leaf) instanceof z.ZodString || bare(leaf) instanceof z.ZodEnum)
  const value = textual ? raw : jsonOr(raw)
  const setting = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Settings
  refuseUnknown(schema, setting, '--set')
  return setting
}

function jsonOr(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}

/**
 * Every key must be one of the schema's, at every depth; the nearest is looked for beside it first, then everywhere.
 */
function refuseUnknown(schema: z.ZodObject, settings: Settings, where: string): void {
  const walk = (node: unknown, at: Settings, path: readonly string[]): void => {
    const shape = shapeOf(node)
    if (!shape) return
    for (const [key, value] of Object.entries(at)) {
      const here = [...path, key]
      if (!Object.hasOwn(shape, key)) throw unknownKey(schema, here, Object.keys(shape), where)
      if (isSettings(value)) walk(shape[key], value, here)
    }
  }
  walk(schema, settings, [])
}

function unknownKey(
  schema: z.ZodObject,
  path: readonly string[],
  beside: readonly string[],
  where: string,
): UsageError {
  const key = path[path.length - 1]
  const prefix = path.slice(0, -1)
  const sameName = leafPaths(schema).find(leaf => leaf[leaf.length - 1] === key)
  const best = sameName ?? [...prefix, nearest(key, beside) ?? '']
  return new UsageError(
    `expected a known key in ${where}`,
    `got '${path.join('.')}'`,
    `did you mean '${best.join('.')}'? The keys there are ${beside.join(', ')}`,
  )
}

function leafPaths(node: unknown, path: readonly string[] = []): string[][] {
  const shape = shapeOf(node)
  if (!shape) return [[...path]]
  return Object.entries(shape).flatMap(([key, inner]) => leafPaths(inner, [...path, key]))
}

/** Without the wrappers of a default, an optional or a nullable. */
function bare(node: unknown): unknown {
  let at = node
  while (
    at instanceof z.ZodDefault ||
    at instanceof z.ZodPrefault ||
    at instanceof z.ZodOptional ||
    at instanceof z.ZodNullable ||
    at instanceof z.ZodReadonly
  ) {
    at = at.def.innerType
  }
  return at
}

function shapeOf(node: unknown): Readonly<Record<string, unknown>> | undefined {
  const at = bare(node)
  return at instanceof z.ZodObject ? at.shape : undefined
}

function merge(under: Settings, over: Settings): Settings {
  const out: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = out[key]
    out[key] = isSettings(below) && isSettings(value) ? merge(below, value) : value
  }
  return out
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`
}

/** What the schema wanted, in words of a person. */
function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `a ${issue.expected === 'int' ? 'whole number' : issue.expected}`
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`
    default:
      return issue.message
  }
}
