import type { Case } from './cases/case.js'
import { entriesCases } from './cases/entries.js'
import { layoutCases } from './cases/layout.js'
import { sumsCases } from './cases/sums.js'

/** One example a kernel: what compiles and is not here fails the law test. */
export const dictionary: Readonly<Record<string, Case>> = { ...entriesCases, ...layoutCases, ...sumsCases }
