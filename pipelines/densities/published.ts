/** Simulations of the published runs. */
export const publishedBudgets = [1000, 10_000, 100_000] as const

/** C2ST of one method with each budget. */
type Row = readonly [number, number, number]

export const publishedMethods = ['npe', 'nle', 'snpe', 'snle'] as const

/**
 * C2ST of the methods of Python's toolboxes on the standard tasks, means over ten observations (Lueckmann et al. 2021,
 * arXiv 2101.04653; NPE and NLE amortised, SNPE and SNLE in ten rounds).
 */
export const published: Readonly<Record<string, Readonly<Record<(typeof publishedMethods)[number], Row>>>> = {
  two_moons: {
    npe: [0.725, 0.606, 0.542],
    nle: [0.773, 0.713, 0.668],
    snpe: [0.643, 0.554, 0.53],
    snle: [0.657, 0.571, 0.582],
  },
  slcp: {
    npe: [0.975, 0.901, 0.831],
    nle: [0.946, 0.771, 0.699],
    snpe: [0.965, 0.845, 0.666],
    snle: [0.921, 0.713, 0.578],
  },
  gaussian_linear: {
    npe: [0.694, 0.552, 0.506],
    nle: [0.65, 0.555, 0.515],
    snpe: [0.652, 0.544, 0.507],
    snle: [0.628, 0.548, 0.519],
  },
  gaussian_linear_uniform: {
    npe: [0.696, 0.553, 0.509],
    nle: [0.723, 0.548, 0.506],
    snpe: [0.631, 0.527, 0.507],
    snle: [0.657, 0.552, 0.509],
  },
  gaussian_mixture: {
    npe: [0.716, 0.615, 0.548],
    nle: [0.74, 0.723, 0.69],
    snpe: [0.669, 0.551, 0.536],
    snle: [0.706, 0.685, 0.646],
  },
  bernoulli_glm: {
    npe: [0.863, 0.678, 0.559],
    nle: [0.74, 0.605, 0.545],
    snpe: [0.855, 0.614, 0.525],
    snle: [0.634, 0.553, 0.522],
  },
  sir: {
    npe: [0.815, 0.68, 0.585],
    nle: [0.761, 0.748, 0.73],
    snpe: [0.638, 0.561, 0.575],
    snle: [0.745, 0.745, 0.65],
  },
  lotka_volterra: {
    npe: [0.999, 0.997, 0.981],
    nle: [0.994, 0.956, 0.952],
    snpe: [0.99, 0.953, 0.928],
    snle: [0.909, 0.738, 0.695],
  },
}

/** What was published for a method and budget, where something was. */
export function publishedC2st(task: string, method: string, simulations: number): number | undefined {
  const budget = (publishedBudgets as readonly number[]).indexOf(simulations)
  const row = published[task]?.[method as (typeof publishedMethods)[number]]
  return budget < 0 ? undefined : row?.[budget]
}
