import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { DataError, WorkError } from '../../core/index.js'
import { choice, flag, real, texts, whole } from '../../pipelines/options.js'
import { defineCommand } from '../../scripts/command.js'
import { main } from '../../scripts/main.js'

/** Commands that do what a command may do, run by the same frame as the real ones. */
const toy = { subject: 'toy', description: 'for tests' }

const echo = defineCommand({
  ...toy,
  verb: 'echo',
  positionals: ['[words...]'],
  options: {
    data: texts('--data <files...>', 'files'),
    n: whole('--n <count>', 'count', 4, { min: 1 }),
    nS: real('--n-s <value>', 'slope'),
    kind: choice('--kind <name>', 'kind', ['a', 'b'], 'a'),
    rest: flag('--rest', 'rest'),
  },
  async run(options, context, words) {
    console.log('a library chats')
    context.print('for a person')
    context.json({ ...options, words, key: context.key.words, curve: Float32Array.of(1, Number.NaN) })
  },
})

const failures: Readonly<Record<string, () => unknown>> = {
  data: () => new DataError('expected a file', 'got\n  a mess', 'mend it'),
  work: () => new WorkError('expected to end', 'got lost', 'again'),
  bug: () => new TypeError('x is not a function\nat all'),
  text: () => 'just text',
  full: () => {
    try {
      writeFileSync('/dev/full', 'x')
      return 'a full disk took a byte'
    } catch (error) {
      return error
    }
  },
}

const fail = defineCommand({
  ...toy,
  verb: 'fail',
  positionals: ['<how>'],
  options: {},
  async run(_options, _context, [how]) {
    throw failures[how]()
  },
})

/** Works in steps until it is stopped, and says when it has begun; `--deaf` does not listen. */
const work = defineCommand({
  ...toy,
  verb: 'work',
  options: { deaf: flag('--deaf', 'do not listen to the signal') },
  async run({ deaf }, context) {
    const bar = context.progress(3, 'working')
    for (let step = 0; step < 3; step++) bar.advance()
    bar.stop()
    context.log.info('begun')
    while (deaf || !context.signal.aborted) await setTimeout(5)
    context.log.info('checkpoint left')
    throw context.signal.reason
  },
})

/** A step that hands the signal to the system's own functions, which throw an AbortError. */
const sleep = defineCommand({
  ...toy,
  verb: 'sleep',
  options: {},
  async run(_options, context) {
    context.log.info('begun')
    await setTimeout(60_000, undefined, { signal: context.signal })
  },
})

const linger = defineCommand({
  ...toy,
  verb: 'linger',
  options: {},
  async run(_options, context) {
    setInterval(() => {}, 1000)
    for (let line = 0; line < 20_000; line++) context.print(`line ${line}`)
  },
})

const stray = defineCommand({
  ...toy,
  verb: 'stray',
  options: {},
  async run() {
    setImmediate(() => {
      throw new DataError('expected a worker', 'got a wreck', 'look at it')
    })
    await setTimeout(60_000)
  },
})

await main(process.argv.slice(2), [stray, echo, fail, work, sleep, linger])
