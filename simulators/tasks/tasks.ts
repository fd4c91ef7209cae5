import { UsageError } from '../../core/index.js'
import { bernoulliGlm, bernoulliGlmRaw } from './bernoulliGlm.js'
import { gaussianLinear, gaussianLinearUniform, gaussianMixture } from './gaussians.js'
import { lotkaVolterra } from './lotkaVolterra.js'
import { sir } from './sir.js'
import { slcp, slcpDistractors } from './slcp.js'
import type { Task } from './task.js'
import { twoMoons } from './twoMoons.js'

const all: readonly Task[] = [
  twoMoons,
  slcp,
  slcpDistractors,
  gaussianLinear,
  gaussianLinearUniform,
  gaussianMixture,
  bernoulliGlm,
  bernoulliGlmRaw,
  sir,
  lotkaVolterra,
]

/** The ten standard tasks of Lueckmann et al. 2021, arXiv 2101.04653, by name. */
export const tasks: ReadonlyMap<string, Task> = new Map(all.map(task => [task.name, task]))

/** @throws UsageError that lists the tasks there are */
export function taskNamed(name: string): Task {
  const task = tasks.get(name)
  if (task) return task
  throw new UsageError('expected a standard task', `got ${name}`, `choose one of ${[...tasks.keys()].join(', ')}`)
}
