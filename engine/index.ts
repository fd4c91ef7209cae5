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
export { type DType, microsoft, type Operator, type Shaped } from './trace/emit.js'
export { constant, emit, indexConstant, onceInTrace } from './trace/program.js'
export { isPortable, isTracing } from './trace/state.js'
export type { Program, Spec } from './trace/trace.js'
export { isArrayValue, type LeavesAs, mapTree } from './tree.js'
export { loadTree, saveTree } from './treeFile.js'
export { compileOnWorkers, type OnWorkersOptions, type WorkersProgram } from './workers/compileOnWorkers.js'
