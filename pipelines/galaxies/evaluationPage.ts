import { type Fact, type Page, type PopulationReport, populationSection, type Timing } from '../../report/index.js'
import type { Classified } from './classify.js'
import type { DrawnFieldsOptions } from './drawnFields.js'
import type { Grouping, Population } from './populations.js'

/** What a classifier found, in one sentence each. */
export function classifierSentences(found: readonly Classified[], population: string): string[] {
  return found
    .filter(one => one.population === population)
    .map(({ channels, drawn, halves }) => {
      const share = ({ value, error }: { value: number; error: number }) => `${value.toFixed(4)} ± ${error.toFixed(4)}`
      const saw = channels === 'positions' ? 'positions alone' : 'positions, masses and velocities'
      const baseline = halves
        ? ` One half of the simulated fields from the other: ${share(halves.accuracy)}, ${share(halves.auc)}.`
        : ''
      return (
        `Seeing ${saw} around single halos, a network tells generated from simulated ones in fields held back from it with accuracy ` +
        `${share(drawn.accuracy)} and area under the curve ${share(drawn.auc)} (.5: not at all; ${drawn.pairs} pairs of fields).${baseline}`
      )
    })
}

/** Drawn fields beside simulated ones. */
export interface Compared {
  readonly options: Pick<DrawnFieldsOptions, 'data' | 'seed'>
  readonly groupings: readonly Grouping[]
  readonly populations: readonly Population[]
  readonly classifier: readonly Classified[]
  readonly left_out: readonly string[]
  readonly timings: readonly Timing[]
  /** of the model a field, where fields were drawn here */
  readonly evaluations?: number
  /** the run or the file that the drawn fields came from */
  readonly source: string
}

/** The page of an evaluation. */
export function evaluationPage(compared: Compared): Omit<Page, 'environment'> {
  const { options, groupings, populations, classifier, left_out, timings, evaluations, source } = compared
  const facts: Fact[] = populations.flatMap(({ name, xi }) => [
    { label: `ξ within one scatter, ${name}`, value: verdict(xi.within_one_sigma) },
    { label: `ξ within 10% or noise, ${name}`, value: verdict(xi.within_ten_percent) },
  ])
  for (const { population, channels, drawn } of classifier)
    facts.push({ label: `classifier, ${channels}, ${population}`, value: drawn.accuracy.value.toFixed(3) })
  return {
    title: 'Generated and simulated halo fields',
    lead:
      `Fields of ${source} beside simulated fields at the same cosmologies (${options.data.join(', ')}).` +
      (left_out.length > 0
        ? ` Left out, for the generated fields lack velocities or masses: ${left_out.join(', ')}.`
        : ''),
    facts,
    sections: populations.map((population, at) => populationSection(reportOf(population, groupings[at], classifier))),
    timings,
    provenance: [
      { label: 'generated fields', value: source },
      { label: 'simulated fields', value: options.data.join(', ') },
      ...(evaluations === undefined ? [] : [{ label: 'evaluations a field', value: String(evaluations) }]),
      { label: 'seed', value: String(options.seed) },
    ],
  }
}

function reportOf(population: Population, grouping: Grouping, classifier: readonly Classified[]): PopulationReport {
  const [first] = grouping.cosmologies
  return {
    ...population,
    generated: { field: first.samples[0], count: population.fields.drawn },
    simulated: { field: first.references[0], count: population.fields.simulated },
    classifier: classifierSentences(classifier, population.name),
  }
}

function verdict(met: boolean | undefined): string {
  return met === undefined ? 'not judged' : met ? 'yes' : 'no'
}
