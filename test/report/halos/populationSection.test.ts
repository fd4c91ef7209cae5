import t from 'tap'
import type { Field } from '../../../io/galaxies/field.js'
import { type PopulationReport, populationSection } from '../../../report/index.js'
import {
  againstScatter,
  correlationResponse,
  correlationTest,
  fieldStatistics,
  statisticsFor,
  summaryOf,
  triangleShells,
} from '../../../statistics/index.js'
import { structureOf } from '../markup.js'
import { fieldOf } from './fields.js'

/** An evaluation of a few small fields. */
function population(
  cosmologies: number,
  fieldsEach: number,
  lack: (field: Field) => Field = field => field,
): PopulationReport {
  const field = (seed: number, cosmology: number): Field => ({
    ...fieldOf(seed),
    theta: { omega_m: 0.2 + cosmology / 50, sigma_8: 0.8 },
  })
  const side = (from: number) =>
    Array.from({ length: cosmologies }, (_, c) =>
      Array.from({ length: fieldsEach }, (_, i) => field(from + 100 * c + i, c)),
    )
  const [drawn, simulated] = [side(1).map(fields => fields.map(lack)), side(5000)]
  const options = statisticsFor([...drawn.flat(), ...simulated.flat()], {
    knnGrid: 4,
    triangles: triangleShells(drawn[0][0].box, 2),
  })
  const measure = (fields: readonly Field[]) => fields.map(one => fieldStatistics(one, options, fieldsEach === 1))
  const pairs = drawn.map((fields, c) => ({ samples: measure(fields), references: measure(simulated[c]) }))
  const curves = againstScatter(pairs)
  return {
    name: cosmologies === 1 ? 'fiducial' : `${cosmologies} cosmologies`,
    ...(cosmologies === 1 && { theta: drawn[0][0].theta }),
    generated: { field: drawn[0][0], count: cosmologies * fieldsEach },
    simulated: { field: simulated[0][0], count: cosmologies * fieldsEach },
    cosmologies,
    curves,
    summary: Object.fromEntries(Object.entries(curves).map(([name, curve]) => [name, summaryOf(curve)])),
    xi: correlationTest(curves.xi),
    response: correlationResponse(pairs),
    each:
      cosmologies === 1 ? [] : pairs.map((pair, c) => ({ theta: drawn[c][0].theta, xi: againstScatter([pair]).xi })),
    classifier: ['Told apart with accuracy <.5>.'],
  }
}

const figures = (html: string) => [...html.matchAll(/<figure>/g)].length

t.test('one cosmology: fields to look at, a figure and a deviation a statistic, tables, verdicts', async t => {
  const one = population(1, 4)
  const { title, html } = populationSection(one)
  const { tags, texts } = structureOf(html)
  t.equal(title, 'Fiducial')
  for (const text of ['Mean two-point function', 'Classifier', 'Power spectrum', 'Quadrupole', '1 σ', '10%'])
    t.ok(texts.includes(text), text)
  t.match(html, 'accuracy &lt;.5&gt;')
  t.equal(tags.filter(tag => tag === 'canvas').length, 2)
  // slabs 2, views 2; xi 4, multipoles 3, Fourier 3, neighbours 2, v12, masses; 13 deviations
  t.equal(Object.keys(one.curves).length, 13)
  t.equal(figures(html), 4 + 14 + 13)
  t.notMatch(html, /NaN|undefined|Infinity/)
  t.equal(
    [...html.matchAll(/<span class="(met|missed)">/g)].length,
    one.xi.bins.length + 5 + 2,
    'each bin, and both in all',
  )
})

t.test('several cosmologies: single ones and the response instead of a look; no dark band', async t => {
  const many = population(6, 1)
  const { title, html, script } = populationSection(many)
  const { tags, texts } = structureOf(html)
  t.equal(title, '6 cosmologies')
  t.equal(script, undefined, 'no view to turn')
  t.ok(texts.includes('Response to the cosmology'))
  t.equal(tags.filter(tag => tag === 'canvas').length, 0)
  // six examples, and the bins from 8 to 70
  t.equal(figures(html), 14 + 13 + 6 + 6)
  t.match(html, 'standard error of the mean difference')
  t.notMatch(html, /NaN|undefined|Infinity/)
})

t.test('fields of positions alone: what needs more is not on the page; nothing breaks', async t => {
  const { html } = populationSection(population(1, 4, ({ velocities: _v, logMass: _m, ...rest }) => rest))
  structureOf(html)
  for (const word of ['Quadrupole', 'pairwise velocity', 'Mass function']) t.notMatch(html, word)
  t.match(html, 'Bispectrum, squeezed')
})
