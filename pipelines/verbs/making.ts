import { existsSync } from 'node:fs'
import { Interrupted } from '../../core/index.js'
import { openParts } from '../../io/objects/index.js'
import { partsFolder } from '../../io/parts.js'
import type { Block, Facts, Maker, Making } from '../case.js'
import { inParallel } from '../run/concurrency.js'
import type { CommonOptions, RunContext } from '../run/context.js'
import { refuseOverwrite } from '../run/overwrite.js'
import { secondsSince } from '../run/seconds.js'
import { say } from './say.js'

/**
 * Makes objects in parts, several at once, and joins them in the file --out. Interrupted or killed, it leaves the parts
 * that are done beside it, and `--resume` uses them, with as many threads as it likes; the file does not depend on
 * threads or interruptions.
 *
 * JSON: `out`, `n`, `seconds_per_field` (an object made now), and what the case adds.
 */
export async function makeObjects(
  plan: () => Promise<Making<unknown>>,
  options: CommonOptions,
  context: RunContext,
): Promise<void> {
  const { seed, force, resume, out = '' } = options
  if (resume && existsSync(out) && !existsSync(partsFolder(out))) {
    const { n, finished } = await plan()
    context.print(`${out} is there already`)
    context.json({ out, n, seconds_per_field: 0, ...finished })
    return
  }
  await refuseOverwrite(out, force)
  const making = await plan()
  const { kind, n, block } = making
  const parts = openParts(kind, out, making.identity, { resume, force })
  const blocks: Block[] = Array.from({ length: Math.ceil(n / block) }, (_, index) => ({
    index,
    from: index * block,
    to: Math.min(n, (index + 1) * block),
  }))
  const waiting = blocks.filter(({ index }) => !parts.has(index))
  const drawn = waiting.reduce((sum, { from, to }) => sum + to - from, 0)
  for (const text of making.begins ?? []) context.log.info(text)
  if (drawn < n) context.log.info(`${n - drawn} of them are there already`)
  const began = performance.now()
  try {
    await makeAll({ making, waiting, finished: n - drawn, write: parts.write, context })
    if (making.eachPart) for (const { index } of blocks) making.eachPart(parts.read(index).facts)
    const { attributes, closing, points } = making
    const sums = await parts.join(blocks.length, { seed, force, attributes, closing, points }, context.signal)
    const seconds = secondsSince(began)
    const { lines = [`${n} ${kind.noun} in ${out}`], ...rest } = making.report?.({ n, drawn, seconds, sums }) ?? {}
    say({ lines, ...rest }, context)
    context.json({ out, n, seconds_per_field: drawn > 0 ? seconds / drawn : 0, ...rest.json })
  } catch (error) {
    // What is done stays for --resume; after a failure, as of the disk, nothing does.
    if (!(error instanceof Interrupted || context.signal.aborted || resume)) parts.remove()
    throw error
  }
}

/** A maker for objects that are quickly made: one after another, on this thread. */
export function makerOf<T>(draw: (index: number) => T | Promise<T>): Maker<T> {
  return {
    atOnce: 1,
    async make({ from, to }) {
      const objects: T[] = []
      for (let index = from; index < to; index++) objects.push(await draw(index))
      return { objects }
    },
    close: async () => undefined,
  }
}

/** Blocks come back in whatever order; each is written as it comes, so memory does not grow with n. */
async function makeAll({
  making,
  waiting,
  finished,
  write,
  context,
}: {
  readonly making: Making<unknown>
  readonly waiting: readonly Block[]
  readonly finished: number
  write(index: number, objects: readonly unknown[], facts?: Facts): void
  readonly context: RunContext
}): Promise<void> {
  if (waiting.length === 0) return
  const maker = making.open(waiting.length)
  const progress = context.progress(making.n, making.label)
  progress.advance(finished)
  try {
    await inParallel(waiting, maker.atOnce, async block => {
      const { objects, facts } = await maker.make(block)
      context.signal.throwIfAborted()
      write(block.index, objects, facts)
      progress.advance(objects.length)
    })
  } finally {
    progress.stop()
    await maker.close()
  }
}
