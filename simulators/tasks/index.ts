export { designMatrix } from './bernoulliGlm.js'
export { readReference, referencesOf, type TaskReference } from './reference.js'
export type { Task } from './task.js'
export * from './tasks.js'
