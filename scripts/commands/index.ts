import { caseCommands } from '../caseCommands.js'
import { cases } from '../cases.js'
import type { Command } from '../command.js'
import { bench } from './bench.js'
import { convert } from './convert.js'
import { doctor } from './doctor.js'
import { inspect } from './inspect.js'

const ofCases = await Promise.all(Array.from(cases.values(), async load => caseCommands(await load())))

/** Every command there is, in the order of the help. */
export const commands: readonly Command[] = [...ofCases.flat(), inspect, convert, doctor, bench]
