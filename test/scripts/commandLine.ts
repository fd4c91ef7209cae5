import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Node.js without what the test runner would load into it and its threads, which takes longer than most programs here;
 * a command line to be continued.
 */
export const nodeAlone: readonly string[] =
  process.platform === 'win32' ? [process.execPath] : ['env', '-u', 'NODE_OPTIONS', process.execPath]

/** Runs a compiled program of the folder that this file is compiled into. */
export async function run(
  program: string,
  args: readonly string[],
  during?: (child: ChildProcess) => void,
): Promise<Outcome> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const [command, ...words] = [...nodeAlone, path, ...args]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const closed = once(child, 'close')
  during?.(child)
  const [code] = await closed
  return { code, stdout, stderr }
}

export const stipple = (...args: string[]) => run('../../scripts/stipple.js', args)
export const toy = (...args: string[]) => run('./toyCommands.js', ['toy', ...args])
