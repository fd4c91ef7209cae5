import { setImmediate } from 'node:timers/promises'
import type { RunContext } from './context.js'
import type { MetricsFile } from './metrics.js'

/** A long piece of work as numbered steps, each of which depends on the state before it and on its batch alone. */
export interface StepLoop<B> {
  readonly label: string
  /** Steps done already, from the checkpoint that is resumed. */
  readonly from: number
  /** Steps in all. */
  readonly steps: number
  readonly checkpointEvery: number
  /** Batches from step `from` on; the loop closes it. */
  readonly batches: AsyncIterable<B>
  /** Does step `index` (from 0) and says what it measured. */
  step(batch: B, index: number): Promise<Readonly<Record<string, number>>>
  /** Leaves a checkpoint that says that `done` steps are done. */
  save(done: number): Promise<void>
  readonly metrics: MetricsFile
  /** The short text beside the progress. */
  note?(measured: Readonly<Record<string, number>>): string
}

/**
 * Runs the steps that are left. A checkpoint is left every so many steps and at the end; on the first Ctrl-C or SIGTERM
 * the step under way is finished, a checkpoint left, and `signal.reason` thrown (an `Interrupted`, exit code 130).
 *
 * @returns the number of steps done in all; fewer than `steps` only where the batches ended
 */
export async function runSteps<B>(loop: StepLoop<B>, context: RunContext): Promise<number> {
  const { signal } = context
  let done = loop.from
  let saved = loop.from
  let stepping = false
  const save = async () => {
    await loop.metrics.flush()
    await loop.save(done)
    saved = done
  }
  if (done >= loop.steps) return done
  const progress = context.progress(loop.steps - done, loop.label)
  try {
    signal.throwIfAborted()
    for await (const batch of loop.batches) {
      stepping = true
      const measured = await loop.step(batch, done)
      stepping = false
      done++
      await loop.metrics.append({ step: done, ...measured })
      progress.advance(1, loop.note?.(measured))
      // A step may keep the event loop busy from end to end; signals arrive only in between.
      await setImmediate()
      if (done >= loop.steps) break
      signal.throwIfAborted()
      if (done % loop.checkpointEvery === 0) await save()
    }
  } catch (error) {
    // A step that failed half way may have left a state that belongs to no step; the last checkpoint stands.
    if (signal.aborted && !stepping && (done > saved || done === 0)) await save()
    throw error
  } finally {
    progress.stop()
  }
  if (done > saved) await save()
  return done
}
