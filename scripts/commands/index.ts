import type { Command } from '../command.js'
import { bench } from './bench.js'
import { convert } from './convert.js'
import { densitiesEvaluate } from './densitiesEvaluate.js'
import { densitiesInfer } from './densitiesInfer.js'
import { densitiesSimulate } from './densitiesSimulate.js'
import { densitiesTrain } from './densitiesTrain.js'
import { doctor } from './doctor.js'
import { dwarfsEvaluate } from './dwarfsEvaluate.js'
import { dwarfsInfer } from './dwarfsInfer.js'
import { dwarfsSimulate } from './dwarfsSimulate.js'
import { dwarfsTrain } from './dwarfsTrain.js'
import { galaxiesEvaluate } from './galaxiesEvaluate.js'
import { galaxiesInfer } from './galaxiesInfer.js'
import { galaxiesSample } from './galaxiesSample.js'
import { galaxiesSimulate } from './galaxiesSimulate.js'
import { galaxiesTrain } from './galaxiesTrain.js'
import { inspect } from './inspect.js'

/** Every command there is, in the order of the help. */
export const commands: readonly Command[] = [
  galaxiesSimulate,
  galaxiesTrain,
  galaxiesSample,
  galaxiesEvaluate,
  galaxiesInfer,
  dwarfsSimulate,
  dwarfsTrain,
  dwarfsInfer,
  dwarfsEvaluate,
  densitiesSimulate,
  densitiesTrain,
  densitiesInfer,
  densitiesEvaluate,
  inspect,
  convert,
  doctor,
  bench,
]
