import t from 'tap'
import { z } from 'zod'
import { deviceNames } from '../../engine/devices/deviceNames.js'
import { objectiveNames } from '../../generative/diffusion/objectives.js'
import { samplerNames } from '../../generative/diffusion/samplers/samplers.js'
import { flowKinds } from '../../generative/flow/flows.js'
import { solvers } from '../../generative/matching/solvers.js'
import { likelihoodMethods } from '../../generative/posterior/samplerNames.js'
import { methodNames } from '../../generative/sbi/methodNames.js'
import { embeddingKinds } from '../../gnn/embeddings/embeddings.js'
import { networkKinds } from '../../gnn/networks/networks.js'
import { embeddedMethods } from '../../pipelines/learn/methodNames.js'
import { commonOptions, longName, type OptionSpec } from '../../pipelines/options.js'
import { commands } from '../../scripts/commands/index.js'
import { filesBeneath, linesOf, rooms } from './sources.js'

/** Where tfjs keeps its engine, one a process. */
const isLoaded = () => '_tfengine' in globalThis

const registries: Readonly<Record<string, readonly string[]>> = {
  samplers: samplerNames,
  objectives: objectiveNames,
  flows: flowKinds,
  embeddings: embeddingKinds,
  networks: networkKinds,
  solvers: Object.keys(solvers),
  methods: methodNames,
  'likelihood samplers': likelihoodMethods,
  devices: deviceNames,
}

t.test('names and commands are read without a tensor library: help needs them', async t => {
  for (const [name, names] of Object.entries(registries)) t.ok(names.length > 0, name)
  t.ok(commands.length > 10)
  t.equal(isLoaded(), false)
  await import('@tensorflow/tfjs')
  t.equal(isLoaded(), true, 'the check can fail')
})

/** The words that an option takes; none where it is no choice. */
function choicesOf({ read }: OptionSpec<unknown>): readonly string[] | undefined {
  try {
    read?.('no word of any list')
  } catch (error) {
    const found = error instanceof Error && /to be one of (.*); got 'no word/.exec(error.message)
    if (found) return found[1].split(', ')
  }
  return undefined
}

const drawn = ['ladder', ...samplerNames]
const inferred = [...embeddedMethods, ...likelihoodMethods]
const choices: Readonly<Record<string, readonly string[]>> = {
  'galaxies train --network': networkKinds,
  'galaxies train --objective': [...objectiveNames, ...embeddedMethods],
  'galaxies sample --sampler': drawn,
  'galaxies infer --method': inferred,
  'galaxies infer --beside': inferred,
  'galaxies evaluate --method': inferred,
  'galaxies evaluate --sampler': drawn,
  'dwarfs train --method': embeddedMethods,
  'dwarfs infer --method': [...embeddedMethods, 'jeans'],
  'dwarfs evaluate --method': [...embeddedMethods, 'jeans'],
  'densities train --method': methodNames,
  'densities evaluate --method': methodNames,
}

t.test('every option that takes one of a few words takes those of the registry', async t => {
  const found = commands.flatMap(({ subject, verb, options }) =>
    Object.values(options).flatMap((spec): [string, readonly string[]][] => {
      const words = choicesOf(spec)
      return words ? [[`${subject} ${verb} ${longName(spec.flags)}`, words]] : []
    }),
  )
  t.same(Object.fromEntries(found), choices)
  t.same(choicesOf(commonOptions.device), deviceNames)
})

/** Settings of a JSON schema that take one of a few words, by their place. */
function enumsIn(schema: unknown, place: readonly string[] = []): [string, readonly string[]][] {
  const { enum: words, properties = {} } = schema as {
    readonly enum?: readonly string[]
    readonly properties?: Readonly<Record<string, unknown>>
  }
  if (words) return [[place.join('.'), words]]
  return Object.entries(properties).flatMap(([name, inner]) => enumsIn(inner, [...place, name]))
}

t.test('every setting that takes one of a few words takes those of the registry', async t => {
  const schemas = {
    galaxies: (await import('../../pipelines/galaxies/config.js')).galaxiesConfig,
    'galaxies-posterior': (await import('../../pipelines/galaxies/inference/config.js')).posteriorConfig,
    dwarfs: (await import('../../pipelines/dwarfs/config.js')).dwarfsConfig,
    densities: (await import('../../pipelines/densities/config.js')).densitiesConfig,
  }
  const found = Object.entries(schemas).flatMap(([name, schema]) =>
    enumsIn(z.toJSONSchema(schema, { io: 'input' }), [name]),
  )
  t.same(Object.fromEntries(found), {
    'galaxies.network.kind': [...networkKinds, 'none'],
    'galaxies.flow.matching': ['matched', 'random'],
    'galaxies.objective': objectiveNames,
    'galaxies-posterior.method': embeddedMethods,
    'galaxies-posterior.flow.kind': flowKinds,
    'dwarfs.method': embeddedMethods,
    'dwarfs.embedding.kind': embeddingKinds,
    'dwarfs.flow.kind': flowKinds,
    'densities.method': methodNames,
    'densities.embedding.kind': embeddingKinds,
    'densities.network.flow': flowKinds,
  })
})

/** Written lists of three words and more, as `['a', 'b', 'c']`, that hold most names of a registry and nothing else. */
function typedAgain(text: string): string[] {
  return Array.from(text.matchAll(/\[((?:\s*'[^']+',?){3,}\s*)\]/g), ([, inside]) =>
    Array.from(inside.matchAll(/'([^']+)'/g), ([, word]) => word),
  ).flatMap(words =>
    Object.entries(registries).flatMap(([name, names]) =>
      2 * words.length > names.length && words.every(word => names.includes(word)) ? [`${name}: ${words}`] : [],
    ),
  )
}

t.test('no list of names is typed a second time', async t => {
  t.same(typedAgain("const some = ['heun', 'ddim', 'ancestral',\n  'heun-sde']"), [
    'samplers: heun,ddim,ancestral,heun-sde',
  ])
  const sources = rooms.flatMap(filesBeneath).filter(path => path.endsWith('.ts'))
  const found = sources.flatMap(path => typedAgain(linesOf(path).join('\n')).map(list => `${path}, ${list}`))
  t.same(found, ['engine/devices/deviceNames.ts, devices: cpu,webgpu,cuda'])
})
