import { UsageError } from '../../core/index.js'
import type { MethodName } from '../../generative/sbi/index.js'
import { referencesOf, taskNamed } from '../../simulators/tasks/index.js'
import type { OwnEvaluation } from '../case.js'
import { type CommonOptions, type RunContext, resolveConfig, secondsSince } from '../run/index.js'
import { densitiesConfig, densitiesPresets } from './config.js'
import { publishedC2st } from './published.js'
import { runTaskCell, type TaskCell } from './taskCell.js'

export interface TaskOptions extends CommonOptions {
  readonly method?: MethodName
  readonly simulations: number
  /** which of the task's observations */
  readonly index: number
  /** draws: of the task's posterior, or for each row of `data` */
  readonly n?: number
}

/**
 * A method on a standard task: simulates, trains, draws, and lets a classifier tell the draws from those of the
 * reference posterior.
 *
 * JSON: `metrics` (`c2st` and `mmd` as means over the observations, and of each as `c2st_1`), `passed` where the task
 * has a target at 30,000 simulations, `task`, `method`, `simulations`, `dropped`, `steps`, `seconds` (simulating,
 * training, draws a posterior, all). With --out the same as a file.
 */
export function evaluateTask(name: string, options: TaskOptions, context: RunContext): OwnEvaluation {
  const task = taskNamed(name)
  const known = referencesOf(name)
  const observations = options.index === 0 ? known : known.filter(number => number === options.index)
  if (observations.length === 0) {
    throw new UsageError(
      `expected --index of ${known.join(', ') || 'none'}, the observations of ${name} that ship with a reference`,
      `got ${options.index}`,
      'choose one of them, or 0 for all',
    )
  }
  const { preset, config: file, method, simulations, seed, threads, n = 10_000 } = options
  const set = method === undefined ? options.set : [...options.set, `method=${method}`]
  const config = resolveConfig(densitiesConfig, densitiesPresets, { preset, file, set })
  const key = context.key.split('evaluate')
  return {
    kind: 'own',
    async run() {
      const began = performance.now()
      const cell = await runTaskCell(task, { simulations, config, n, observations, key, threads, context })
      const { metrics, ...verdict } = taskMetrics(cell)
      const all = secondsSince(began)
      return {
        metrics,
        ...verdict,
        lines: [
          ...cell.observations.map(
            ({ observation, c2st, mmd }) =>
              `${name}, observation ${observation}: C2ST ${c2st.toFixed(3)}, MMD ${mmd.toPrecision(3)}`,
          ),
          `${name} by ${cell.method} from ${simulations} simulations: C2ST ${metrics.c2st.value.toFixed(3)} in ${all.toFixed(0)} s`,
        ],
        json: {
          task: name,
          method: cell.method,
          simulations,
          dropped: cell.dropped,
          steps: cell.steps,
          seed,
          seconds: { ...cell.seconds, all },
        },
      }
    },
  }
}

/** C2ST at 30,000 simulations that we mean to reach. */
const targets: Readonly<Record<string, number>> = {
  two_moons: 0.53,
  gaussian_linear: 0.53,
  gaussian_mixture: 0.53,
  slcp: 0.62,
  bernoulli_glm: 0.6,
  sir: 0.6,
}

function taskMetrics(cell: TaskCell) {
  const { task, method, simulations, observations } = cell
  const mean = (of: (one: TaskCell['observations'][number]) => number) =>
    observations.reduce((sum, one) => sum + of(one), 0) / observations.length
  const published = publishedC2st(task, method, simulations)
  const c2st = { value: mean(one => one.c2st), ...(published !== undefined && { reference: published }) }
  const each = observations.map(({ observation, c2st }) => [`c2st_${observation}`, { value: c2st }] as const)
  const target = simulations >= 30_000 ? targets[task] : undefined
  return {
    metrics: { c2st, mmd: { value: mean(one => one.mmd) }, ...Object.fromEntries(each) },
    ...(target !== undefined && { passed: c2st.value <= target }),
  }
}
