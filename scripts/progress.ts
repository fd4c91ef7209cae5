import type { Progress } from '../pipelines/run/context.js'

/** Where progress is shown: a bar on a terminal, a line every few seconds elsewhere, nothing with --quiet. */
export interface ProgressDisplay {
  begin(total: number, label: string): Progress
  /** Makes room for a line of text; the bar is drawn again at its next step. */
  clear(): void
  close(): void
}

/** What progress is written to. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean
}

const secondsBetweenLines = 5

export async function progressDisplay(stream: ProgressStream, quiet: boolean): Promise<ProgressDisplay> {
  if (quiet) return { begin: () => ({ advance: () => {}, stop: () => {} }), clear: () => {}, close: () => {} }
  // Only a stream of the process can have `isTTY`.
  return stream.isTTY ? barDisplay(stream as NodeJS.WriteStream) : lineDisplay(stream)
}

/** What a task has done so far, and the text that reports it. */
function makeTally(total: number, label: string) {
  const began = performance.now()
  let done = 0
  let note = ''
  return {
    advance(units: number, text: string) {
      done += units
      note = text
    },
    done: () => done,
    seconds: () => (performance.now() - began) / 1000,
    /** `12.3/s, 2 min 5 s left, loss 0.97` */
    rateAndRest(): string {
      const seconds = (performance.now() - began) / 1000
      if (done === 0) return `${duration(seconds)} so far`
      const rate = done / Math.max(seconds, 1e-9)
      const left = total > 0 ? `, ${duration((total - done) / rate)} left` : ''
      return `${rateText(rate)}${left}${note && `, ${note}`}`
    },
    line(): string {
      const share = total > 0 ? `${done}/${total} (${Math.floor((100 * done) / total)}%)` : `${done}`
      return `${label} ${share}, ${this.rateAndRest()}`
    },
  }
}

function lineDisplay(stream: ProgressStream): ProgressDisplay {
  return {
    begin(total, label) {
      const tally = makeTally(total, label)
      let reported = 0
      let open = true
      const report = () => {
        if (tally.seconds() - reported < secondsBetweenLines) return
        reported = tally.seconds()
        stream.write(`${tally.line()}\n`)
      }
      // By a timer while one unit takes minutes, and from `advance` where the work keeps the event loop from its
      // timers.
      const timer = setInterval(report, 1000).unref()
      return {
        advance(units = 1, note = '') {
          tally.advance(units, note)
          report()
        },
        stop() {
          clearInterval(timer)
          if (open) stream.write(`${label}: ${tally.done()} in ${duration(tally.seconds())}\n`)
          open = false
        },
      }
    },
    clear: () => {},
    close: () => {},
  }
}

async function barDisplay(stream: NodeJS.WriteStream): Promise<ProgressDisplay> {
  const { default: cliProgress } = await import('cli-progress')
  let current: InstanceType<typeof cliProgress.SingleBar> | undefined
  // A bar hides the cursor and stops the wrapping of lines; a second Ctrl-C must restore both.
  process.once('exit', () => current?.stop())
  return {
    begin(total, label) {
      const tally = makeTally(total, label)
      const bar = new cliProgress.SingleBar(
        {
          stream,
          format: total > 0 ? '{label} [{bar}] {value}/{total}, {rest}' : '{label} {value}, {rest}',
          hideCursor: true,
          // Signals are for the command: a bar that handles them would swallow the first Ctrl-C.
          gracefulExit: false,
          barsize: 24,
        },
        cliProgress.Presets.shades_classic,
      )
      bar.start(Math.max(total, 1), 0, { label, rest: '' })
      current = bar
      return {
        advance(units = 1, note = '') {
          tally.advance(units, note)
          bar.update(tally.done(), { label, rest: tally.rateAndRest() })
        },
        stop() {
          bar.stop()
          if (current === bar) current = undefined
        },
      }
    },
    clear() {
      if (current) stream.write('\r\x1b[K')
    },
    close() {
      current?.stop()
      current = undefined
    },
  }
}

function rateText(perSecond: number): string {
  if (perSecond >= 1) return `${perSecond.toPrecision(3)}/s`
  return `${(1 / perSecond).toPrecision(3)} s each`
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
