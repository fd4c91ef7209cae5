/**
 * Runs plain tfjs functions, their gradients too, as native ONNX Runtime graphs: compiled once for each set of shapes.
 *
 *     import { evaluate, makeTrainer } from 'stippling/engine'
 *     import type { Tensor } from '@tensorflow/tfjs'
 *
 *     const norm = (x: Tensor) => x.square().sum().sqrt()
 *     const { values } = await evaluate(norm, { shape: [2], values: Float32Array.of(3, 4) })
 *     console.log(values[0])                  // 5
 *
 *     const init = { w: { shape: [1], values: Float32Array.of(0) } }
 *     const loss = (params: unknown, { x }: { readonly x: Tensor }) => {
 *       const { w } = params as { readonly w: Tensor }
 *       return { loss: x.sub(w).square().mean() }
 *     }
 *     const trainer = makeTrainer(loss, init, { schedule: { peak: 0.1, warmup: 1, steps: 200 } })
 *     for (let step = 0; step < 200; step++) await trainer.step({ x: { shape: [2], values: Float32Array.of(1, 3) } })
 *     const fitted = trainer.params('latest') as typeof init
 *     console.log(fitted.w.values[0].toFixed(2))   // 2.00
 *     await trainer.close()
 *
 * @module
 */

export { chunksFor, mapChunks } from './chunks.js'
export { type Compiled, type CompileOptions, compile, type Device } from './compile.js'
export { type DeviceReport, devices, requireDevice } from './devices/devices.js'
export { type DoctorReport, doctor } from './devices/doctor.js'
export { loadGpuBackend, runEager } from './eager.js'
export {
  DeviceUnavailable,
  InputMismatch,
  NotPortable,
  ProgramFailed,
  RandomWhileTracing,
  ReadWhileTracing,
  TraceMisuse,
  UnknownOperation,
} from './errors.js'
export { type Evaluable, type EvaluableInputs, type Evaluator, evaluate, makeEvaluator } from './evaluate.js'
export { type ExportOptions, exportedBytes, exportOnnx, tensorsFrom } from './exportOnnx.js'
export { type OrtTensor, specOf, toArray, toOrt, toOrtTree, type Value } from './model.js'
export type { Attribute, Attributes } from './onnx/model.js'
export { type AdamWOptions, type AdamWStep, adamW, adamWCorrections, clipByGlobalNorm } from './optim/adamW.js'
export {
  type FitRowsOptions,
  type FitRowsTask,
  type FittedRows,
  fitRows,
  trainingDefaults,
  trainingPlan,
} from './optim/fitRows.js'
export {
  type FlatLayout,
  flattenValues,
  layoutOf,
  partSize,
  partsOf,
  unflatten,
  unflattenValues,
} from './optim/flat.js'
export { type WarmupCosine, warmupCosine } from './optim/schedule.js'
export {
  type Batch,
  type BatchOf,
  type LossProgram,
  type MeasuredNames,
  makeTrainer,
  type NestedBatch,
  type Trainer,
  type TrainerOptions,
  type TrainState,
} from './optim/trainer.js'
export { type RowInputs, type RowProgram, type RowProgramOptions, rowProgram } from './rowProgram.js'
export { type DType, microsoft, type Operator, type Shaped } from './trace/emit.js'
export { constant, emit, indexConstant, onceInTrace } from './trace/program.js'
export { isPortable, isTracing } from './trace/state.js'
export type { Program, Spec } from './trace/trace.js'
export { isArrayValue, type LeavesAs, mapTree } from './tree.js'
export { loadTree, saveTree } from './treeFile.js'
export { compileOnWorkers, type OnWorkersOptions, type WorkersProgram } from './workers/compileOnWorkers.js'
