import { statSync } from 'node:fs'
import { type Box, DataError, periodicBox, wrapPositions } from '../../core/index.js'
import type { ForeignLayout, OpenObjectsOptions } from '../objects/index.js'
import {
  countFofGroups,
  findRealisations,
  gadgetParticles,
  quijoteBox,
  quijoteRedshifts,
  type Realisation,
  readFofCatalogue,
  readGadgetHeader,
  snapshotBase,
} from '../quijote/index.js'
import { checkedField } from './check.js'
import type { Field } from './field.js'

/** Halos kept of a catalogue where the caller says nothing: as many as the reference keeps. */
export const defaultHalos = 5000

interface QuijoteOptions extends OpenObjectsOptions {
  readonly box?: number
  readonly snapshot?: number
}

/**
 * A Quijote folder as downloaded. Halos: the heaviest 5000 (or `maxPoints`) groups of a realisation. Particles: an even
 * sample of at most so many cold dark matter particles, without masses.
 */
export const quijoteFolder: ForeignLayout<Field, QuijoteOptions> = {
  format: 'quijote',
  opens: isFolder,
  converts: isFolder,
  async open(path, options) {
    const { snapshot = 4, maxPoints = defaultHalos } = options
    const realisations = await findRealisations(path, snapshot)
    const halos = realisations[0].kind === 'halos'
    const missing = realisations.find(({ theta, kind }) => theta === undefined && kind === 'halos')
    if (missing) {
      throw new DataError(
        `expected the cosmology of ${missing.folder} in latin_hypercube_params.txt in ${path} or above it`,
        'got no such file',
        'put the table there, or name the folder fiducial where it is',
      )
    }
    const box = periodicBox(options.box ?? quijoteBox)
    async function* read(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Field> {
      for (const realisation of realisations.slice(from, to)) {
        const taken = { snapshot, maxPoints, box }
        yield realisation.kind === 'halos'
          ? await readHalos(realisation, taken, signal)
          : await readParticles(realisation, taken, signal)
      }
    }
    const most = ({ folder }: Realisation) => Math.min(maxPoints, countFofGroups(folder, snapshot))
    const mostPoints = halos ? Math.max(...realisations.map(most)) : maxPoints
    const count = realisations.length
    return {
      count,
      names: Object.keys(realisations[0].theta ?? { omega_m: 0, h: 0 }),
      attributes: { box },
      columns: ['positions', 'velocities', ...(halos ? ['log_mass'] : []), 'theta'],
      mostPoints,
      totalPoints: count * mostPoints,
      read,
      close: () => undefined,
    }
  },
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** What is taken of a realisation. */
interface Taken {
  readonly snapshot: number
  readonly maxPoints: number
  /** Mpc/h */
  readonly box: Box
}

async function readHalos(from: Realisation, { snapshot, maxPoints, box }: Taken, signal?: AbortSignal): Promise<Field> {
  const catalogue = await readFofCatalogue(from.folder, snapshot, signal)
  const where = `${from.folder}, snapshot ${snapshot}`
  // Groups lie in order of their number of particles; ties by place, so that the choice is always the same.
  const order = Array.from({ length: catalogue.groups }, (_, i) => i)
    .sort((a, b) => catalogue.mass[b] - catalogue.mass[a] || a - b)
    .slice(0, maxPoints)
  const oneplusz = 1 + (quijoteRedshifts[snapshot] ?? 0)
  const positions = new Float32Array(3 * order.length)
  const velocities = new Float32Array(3 * order.length)
  const logMass = new Float32Array(order.length)
  order.forEach((group, i) => {
    for (let axis = 0; axis < 3; axis++) {
      positions[3 * i + axis] = catalogue.position[3 * group + axis] / 1e3
      velocities[3 * i + axis] = catalogue.velocity[3 * group + axis] * oneplusz
    }
    logMass[i] = 10 + Math.log10(catalogue.mass[group])
  })
  return checkedField(where, { positions, velocities, logMass, box, theta: from.theta ?? {} })
}

async function readParticles(from: Realisation, { snapshot, maxPoints }: Taken, signal?: AbortSignal): Promise<Field> {
  const header = await readGadgetHeader(snapshotBase(from.folder, snapshot))
  const total = header.particles[1]
  const points = Math.min(total, maxPoints)
  const positions = new Float32Array(3 * points)
  const velocities = new Float32Array(3 * points)
  let next = 0
  for await (const slice of gadgetParticles(header, 1, { signal })) {
    for (; next < points; next++) {
      const particle = Math.floor((next * total) / points) - slice.start
      if (particle >= slice.count) break
      positions.set(slice.positions.subarray(3 * particle, 3 * particle + 3), 3 * next)
      if (slice.velocities) velocities.set(slice.velocities.subarray(3 * particle, 3 * particle + 3), 3 * next)
    }
  }
  const box = periodicBox(header.box)
  const theta = from.theta ?? { omega_m: header.omegaM, h: header.h }
  return checkedField(header.path, { positions: wrapPositions(positions, box), velocities, box, theta })
}
