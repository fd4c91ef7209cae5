export {
  type Abundance,
  type CountOf,
  countVariance,
  drawCount,
  leastThreshold,
  meanCount,
} from './abundance.js'
export { type DrawMarksOptions, drawMarks, type Marks, orderByMass } from './draw.js'
export { loadMarks, saveMarks } from './file.js'
export { type FitMarksOptions, fitMarks } from './fit.js'
export type { Explained, MarksDiagnostics, MarksModel } from './marksModel.js'
export { type DrawnBeside, matchDrawn } from './matchDrawn.js'
