export { inspectFile } from './inspect.js'
export type { InspectedItem, Inspection, InspectOptions, Range } from './inspection.js'
export { renderInspection } from './render.js'
export { subjectOf } from './subject.js'
