import { type ChildProcess, spawn } from 'node:child_process'
import { type Outcome, readAnswer, type Simulator } from './simulator.js'

export interface CommandOptions {
  /** seconds a simulation may take */
  readonly timeout: number
  /** processes */
  readonly atOnce: number
}

/** Characters of an answer; a program that prints without end is stopped here. */
const longestAnswer = 64 * 2 ** 20

/**
 * An external program as a simulator: `atOnce` processes of a shell command, each fed one JSON line at a time and
 * answering with one (see the folder's README). A process that exits, hangs or prints rubbish is ended, with all that
 * it started, and another takes its place.
 */
export function commandSimulator(command: string, { timeout, atOnce }: CommandOptions): Simulator {
  const idle: Conversation[] = []
  const all = new Set<Conversation>()
  return {
    atOnce,
    async simulate(parameters) {
      let talk = idle.pop()
      while (talk?.ended) talk = idle.pop()
      const asked = talk ?? converse(command, conversation => all.delete(conversation))
      all.add(asked)
      const outcome = await asked.ask(`${JSON.stringify(parameters)}\n`, timeout)
      // After rubbish nobody knows which line the next answer belongs to.
      const inStep = 'x' in outcome || outcome.failed === 'not_finite' || outcome.failed === 'failed'
      if (inStep && !asked.ended) idle.push(asked)
      else asked.end()
      return outcome
    },
    async close() {
      for (const conversation of all) conversation.end()
      idle.length = 0
    },
  }
}

/** One process, asked one thing at a time. */
interface Conversation {
  readonly ended: boolean
  ask(line: string, timeout: number): Promise<Outcome>
  end(): void
}

function converse(command: string, onEnd: (conversation: Conversation) => void): Conversation {
  // A group of its own: a shell's children would outlive the shell.
  const child = spawn(command, { shell: true, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let [received, lastWords] = ['', '']
  let waiting: ((outcome: Outcome) => void) | undefined
  let ended = false
  const answer = (outcome: Outcome) => {
    waiting?.(outcome)
    waiting = undefined
  }
  const conversation: Conversation = {
    get ended() {
      return ended
    },
    ask(line, timeout) {
      received = ''
      return new Promise(resolve => {
        const timer = setTimeout(() => {
          answer({ failed: 'timeout', told: `no answer in ${timeout} s` })
          conversation.end()
        }, timeout * 1000)
        waiting = outcome => {
          clearTimeout(timer)
          resolve(outcome)
        }
        if (ended) answer(gone(child, lastWords))
        else child.stdin.write(line)
      })
    },
    end() {
      if (!ended) killGroup(child)
      ended = true
      onEnd(conversation)
    },
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    received += text
    const stop = received.indexOf('\n')
    if (stop >= 0) answer(readAnswer(received.slice(0, stop)))
    else if (received.length > longestAnswer) {
      answer({ failed: 'rubbish', told: 'an answer without end' })
      conversation.end()
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = text.trim().split('\n').at(-1)?.slice(0, 200) || lastWords
  })
  // A closed pipe is reported by 'close'.
  child.stdin.on('error', () => undefined)
  child.on('error', error => {
    lastWords = error.message
    ended = true
    answer(gone(child, lastWords))
  })
  child.on('close', () => {
    ended = true
    // A last line need not end in a line end.
    answer(received.trim() === '' ? gone(child, lastWords) : readAnswer(received))
    onEnd(conversation)
  })
  return conversation
}

function gone({ exitCode, signalCode }: ChildProcess, lastWords: string): Outcome {
  const how = signalCode ? `ended by ${signalCode}` : `exited with ${exitCode ?? 'an error'}`
  return { failed: 'exited', told: lastWords ? `${how}: ${lastWords}` : how }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
