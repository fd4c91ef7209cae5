import { makeKey, normal, periodicBox, uniform } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import {
  type CosmologyReport,
  cosmologySection,
  type Page,
  type TrainingReport,
  trainingSection,
} from '../../../report/index.js'
import { compareFields } from '../../../statistics/index.js'

export function fieldOf(seed: number, points = 300): Field {
  const key = makeKey(seed)
  return {
    points,
    positions: uniform(key.split('x'), 3 * points).map(u => 320 * u),
    velocities: normal(key.split('v'), 3 * points).map(v => 300 * v),
    logMass: uniform(key.split('m'), points)
      .map(u => 14 - Math.log10(u))
      .sort()
      .reverse(),
    box: periodicBox(320),
    theta: { omega_m: 0.3, sigma_8: 0.8 },
  }
}

/** A cosmology with simulated fields beside the drawn ones, and one without. */
export function smallCosmologies(): readonly [CosmologyReport, CosmologyReport] {
  const generated = [fieldOf(1), fieldOf(2)]
  const simulated = [fieldOf(3), fieldOf(4)]
  return [
    {
      name: 'With a reference',
      theta: { omega_m: 0.3, sigma_8: 0.8 },
      generated: { field: generated[0], count: 2 },
      simulated: { field: simulated[0], count: 2 },
      comparison: compareFields(generated, simulated, { knnGrid: 4 }),
    },
    {
      name: 'Without',
      theta: { omega_m: 0.2, new_one: 1 },
      generated: { field: generated[1], count: 1 },
      comparison: compareFields(generated.slice(0, 1), [], { knnGrid: 4 }),
    },
  ]
}

export function smallTraining(): TrainingReport {
  const steps = Array.from({ length: 60 }, (_, i) => i)
  return {
    loss: [{ label: 'training', x: steps, y: steps.map(step => 1 / (1 + step)), smooth: 0.1 }],
    explainedShare: [{ label: 'pairs', x: [1, 4, 9], y: [0.006, 0.022, 0.036], error: [0.001, 0.001, 0.001] }],
  }
}

/** A small page with every part. */
export function smallPage(): Page {
  return {
    title: 'Halo fields <at a chosen> cosmology',
    lead: 'A test.',
    facts: [{ label: 'fields drawn', value: '2' }],
    warnings: ['Outside what the network was trained on'],
    notes: ['The perspective is left in'],
    sections: [...smallCosmologies().map(cosmologySection), trainingSection(smallTraining())],
    timings: [{ stage: 'sample', seconds: 12.3, detail: '2 fields' }],
    configuration: { preset: 'quick', script: '</script><script>alert(1)</script>' },
    environment: [{ label: 'Node', value: 'v20' }],
    provenance: [{ label: 'seed', value: '0' }],
  }
}
