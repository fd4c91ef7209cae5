#!/usr/bin/env node
import { nodeProblem } from './nodeVersion.js'

const problem = nodeProblem(process.versions.node)
if (problem) {
  process.stderr.write(`stipple: ${problem}\n`)
  process.exitCode = 2
} else {
  const [{ main }, { commands }] = await Promise.all([import('./main.js'), import('./commands/index.js')])
  await main(process.argv.slice(2), commands)
}
