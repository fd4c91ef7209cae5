/**
 * Estimated effects of coaching on test scores in eight schools, points (Rubin 1981, doi:10.3102/10769986006004377,
 * table 1).
 */
export const schools: readonly number[] = [28, 8, -3, 7, -1, 1, 18, 12]

/** Their standard errors, points. */
export const noiseOfSchools: readonly number[] = [15, 10, 16, 11, 9, 11, 10, 18]

/**
 * What a posterior of the eight schools says of `mu`, `tau` or the effect of a school (from 0): a mean, or a quantile
 * and its share.
 */
export interface SchoolsTruth {
  readonly name: string
  readonly parameter: 'mu' | 'tau' | number
  readonly mean?: number
  readonly quantile: readonly [number, number]
}

/*
 * With the effects integrated out in closed form, sums over a fine grid of mu and log tau:
 *
 *   y=[28,8,-3,7,-1,1,18,12]; s=[15,10,16,11,9,11,10,18]; mu=np.linspace(-35,45,641); l=np.linspace(-18,10,1121)
 *   lp = norm.logpdf(M,0,5)+log(2/(5*pi*(1+(T/5)**2)))+log(T)
 *   lp += sum(norm.logpdf(y[j],M,sqrt(s[j]**2+T**2)) for j in range(8))                                    scipy 1.17
 *
 * logZ -31.3113473523; a grid six times finer changes the tenth digit of it, of means the eighth, and of quantiles of
 * mu the third.
 */
export const schoolsEvidence = -31.3113473523

const quantilesOf = (
  parameter: SchoolsTruth['parameter'],
  name: string,
  list: readonly (readonly [number, number])[],
): SchoolsTruth[] => list.map(quantile => ({ name: `P(${name} < ${quantile[0]})`, parameter, quantile }))

const meanOf = (parameter: SchoolsTruth['parameter'], name: string, mean: number): SchoolsTruth => ({
  name: `<${name}>`,
  parameter,
  mean,
  quantile: [Number.NaN, Number.NaN],
})

export const schoolsTruth: readonly SchoolsTruth[] = [
  meanOf('mu', 'mu', 4.39682071),
  meanOf('tau', 'tau', 3.5977055),
  meanOf(0, 'theta1', 6.2118842),
  meanOf(2, 'theta3', 3.9270044),
  meanOf(6, 'theta7', 6.2967241),
  ...quantilesOf('mu', 'mu', [
    [-1.0832, 0.05],
    [4.41522, 0.5],
    [9.8173, 0.95],
  ]),
  ...quantilesOf('tau', 'tau', [
    [0.24639, 0.05],
    [1.26227, 0.25],
    [2.74873, 0.5],
    [4.99111, 0.75],
    [9.84206, 0.95],
  ]),
  ...quantilesOf(0, 'theta1', [
    [-1.53566, 0.05],
    [5.63703, 0.5],
    [16.11191, 0.95],
  ]),
  ...quantilesOf(2, 'theta3', [
    [-4.83834, 0.05],
    [4.17065, 0.5],
    [11.78956, 0.95],
  ]),
  ...quantilesOf(6, 'theta7', [
    [-0.99912, 0.05],
    [5.81724, 0.5],
    [15.39188, 0.95],
  ]),
]

/**
 * What is published: posteriordb's reference of 10,000 independent draws by Stan (stan-dev/posteriordb,
 * eight_schools-eight_schools_noncentered, reference_posteriors/summary_statistics/mean_value; quantiles by np.quantile
 * of its draws), each mean with its Monte Carlo error.
 */
export const publishedSchools = {
  theta1: { mean: 6.15050229334425, error: 0.0557375282295219, quantiles: [-1.68068749, 5.58901145, 16.32936216] },
  theta3: { mean: 3.90590609001582, error: 0.0542313705632124, quantiles: [-4.91431828, 4.10538443, 11.84447897] },
  theta7: { mean: 6.31716975886893, error: 0.0498766794075794, quantiles: [-0.85466788, 5.7950027, 15.3053562] },
  mu: { mean: 4.41051833695493, error: 0.0330374705950917, quantiles: [-0.93617651, 4.36389479, 9.83207318] },
  tau: { mean: 3.60205952364059, error: 0.0318615135640706, quantiles: [0.25666379, 2.74702137, 9.73220887] },
} as const
