export { designMatrix } from './bernoulliGlm.js'
export { readReference, referencesOf, type TaskReference } from './reference.js'
export type { Task } from './task.js'
export { taskNamed, tasks } from './tasks.js'
