import { readFileSync } from 'node:fs'

/** Simulations of the published runs. */
export const publishedBudgets = [1000, 10_000, 100_000] as const

export const publishedMethods = ['npe', 'nle', 'snpe', 'snle'] as const
type PublishedMethod = (typeof publishedMethods)[number]

/**
 * C2ST of the methods of Python's toolboxes on the standard tasks with each budget, means over ten observations
 * (Lueckmann et al. 2021, arXiv 2101.04653; NPE and NLE amortised, SNPE and SNLE in ten rounds).
 */
export const published = JSON.parse(
  readFileSync(new URL('../../../data/sbi/published.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Readonly<Record<PublishedMethod, readonly [number, number, number]>>>>

/** What was published for a method and budget, where something was. */
export function publishedC2st(task: string, method: string, simulations: number): number | undefined {
  const budget = (publishedBudgets as readonly number[]).indexOf(simulations)
  const row = published[task]?.[method as PublishedMethod]
  return budget < 0 ? undefined : row?.[budget]
}
