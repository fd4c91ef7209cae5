import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeAlone } from '../../scripts/commandLine.js'

/** What the flaky simulator does by the integer part of `what`; anything else is answered well. */
export const deeds = { exits: 1, hangs: 2, babbles: 3, isNaN: 4, refuses: 5, isShort: 6 } as const

/**
 * A simulator in a file of its own, as a user would write one, that fails in every way on demand: x = (a + b, a - b)
 * where `a` is of [0, 1) and what its tenths say else. A command for the shell.
 */
export function flakySimulator(folder: string): string {
  const path = join(folder, 'flaky.mjs')
  writeFileSync(
    path,
    `import { createInterface } from 'node:readline'
process.stderr.write('I am up\\n')
for await (const line of createInterface({ input: process.stdin })) {
  const { a, b } = JSON.parse(line)
  const say = text => process.stdout.write(text + '\\n')
  switch (Math.floor(a)) {
    case ${deeds.exits}: process.exit(3)
    case ${deeds.hangs}: await new Promise(() => setInterval(() => {}, 1000))
    case ${deeds.babbles}: say('Segmentation fault (just joking)'); say('[1, 2]'); break
    case ${deeds.isNaN}: say('{"x": [NaN, 1]}'); break
    case ${deeds.refuses}: say('{"error": "did not converge"}'); break
    case ${deeds.isShort}: say('[1]'); break
    default: say(JSON.stringify({ x: [a + b, a - b] }))
  }
}
`,
  )
  return [...nodeAlone, path].map(word => `"${word}"`).join(' ')
}
