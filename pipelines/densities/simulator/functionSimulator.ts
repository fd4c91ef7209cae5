import { messageOf } from '../../../core/index.js'
import { type Outcome, rowOf, type Simulator } from './simulator.js'

/** A simulator as a program of one's own writes it: parameters by name to a row of numbers. */
export type SimulatorFunction = (
  parameters: Readonly<Record<string, number>>,
) => ArrayLike<number> | Promise<ArrayLike<number>>

/**
 * A TypeScript function as a simulator. What it throws, and what is not a row of finite numbers, is a failure; an
 * answer that comes after `timeout` is not waited for (a function that never gives the event loop back cannot be
 * interrupted).
 *
 * @param timeout seconds
 */
export function functionSimulator(
  simulate: SimulatorFunction,
  { timeout = 60, atOnce = 1 }: { readonly timeout?: number; readonly atOnce?: number } = {},
): Simulator {
  return {
    atOnce,
    async simulate(parameters) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<Outcome>(resolve => {
        timer = setTimeout(() => resolve({ failed: 'timeout', told: `no answer in ${timeout} s` }), timeout * 1000)
      })
      const answered = async (): Promise<Outcome> => {
        try {
          const values = await simulate(parameters)
          return rowOf(values, String(values))
        } catch (error) {
          return { failed: 'failed', told: messageOf(error) }
        }
      }
      try {
        return await Promise.race([answered(), late])
      } finally {
        clearTimeout(timer)
      }
    },
    close: async () => undefined,
  }
}
