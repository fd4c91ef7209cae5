import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { WorkError } from '../../core/index.js'

/** Runs the command line in a process of its own, as a user would; its output is that of the study. */
export async function stippleRun(...words: readonly string[]): Promise<void> {
  const stipple = fileURLToPath(new URL('../stipple.js', import.meta.url))
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [stipple, ...words], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('exit', code => {
      if (code === 0) return resolve()
      const what = words.slice(0, 2).join(' ')
      reject(new WorkError(`expected ${what} to finish`, `got exit code ${code}`, 'run this again, which resumes it'))
    })
  })
}
