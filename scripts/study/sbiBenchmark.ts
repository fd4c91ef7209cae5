import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { makeKey, messageOf, UsageError } from '../../core/index.js'
import { type MethodName, methodNames } from '../../generative/sbi/index.js'
import { writeAtomic } from '../../io/index.js'
import { densitiesConfig, densitiesPresets } from '../../pipelines/densities/config.js'
import { runTaskCell, type TaskCell } from '../../pipelines/densities/taskCell.js'
import { quietContext, resolveConfig, writeJson } from '../../pipelines/run/index.js'
import { referencesOf, tasks } from '../../simulators/tasks/index.js'
import { print } from './print.js'
import { sbiBenchmarkPage } from './sbiBenchmarkPage.js'
import { peerCell } from './sbiPeerCell.js'

const folder = 'runs/sbi-benchmark'
const page = 'docs/sbi-benchmark.md'
const budgets = [1000, 10_000, 30_000]
/**
 * Beside ours: `ensemble`, NPE as a mixture of five; `sbi`, Python's NPE at its defaults, where STIPPLE_PEERS has it.
 */
const benchmarked = [...methodNames, 'ensemble', 'sbi'] as const
export type Benchmarked = (typeof benchmarked)[number]

/**
 * `npm run study -- sbi-benchmark [task | method | simulations …]`: every method on every task with a reference
 * posterior, at 1,000, 10,000 and 30,000 simulations, all or those that the words name. A cell that is in
 * runs/sbi-benchmark is not run again; after each, docs/sbi-benchmark.md is written anew, with all cells there are. A
 * cell that fails is reported and skipped.
 *
 * @throws UsageError for a word that is none of these
 */
export async function sbiBenchmark(words: readonly string[] = process.argv.slice(3)): Promise<void> {
  const among = <T>(all: readonly T[]): readonly T[] => {
    const named = all.filter(one => words.includes(String(one)))
    return named.length > 0 ? named : all
  }
  // slcp with distractors has the references of slcp: it is run only where it is named
  const referenced = [...tasks.keys()].filter(name => referencesOf(name).length > 0)
  const names = referenced.filter(name => name !== 'slcp_distractors' || words.includes(name))
  const known = [...referenced, ...benchmarked, ...budgets].map(String)
  const unknown = words.find(word => !known.includes(word))
  if (unknown !== undefined)
    throw new UsageError(
      `expected words of ${known.join(', ')}`,
      `got ${unknown}`,
      'name tasks, methods or simulations',
    )
  mkdirSync(folder, { recursive: true })
  for (const simulations of among(budgets)) {
    for (const method of among(benchmarked)) {
      for (const task of among(names)) {
        await cell(task, method, simulations)
        writeAtomic(page, sbiBenchmarkPage(cellsSoFar(referenced), cpus()[0]?.model ?? 'unknown'))
      }
    }
  }
}

async function cell(name: string, method: Benchmarked, simulations: number): Promise<void> {
  const path = cellPath(name, method, simulations)
  if (existsSync(path)) return
  const task = tasks.get(name)
  if (task === undefined) return
  const began = performance.now()
  try {
    const options = {
      simulations,
      config: resolveConfig(densitiesConfig, densitiesPresets, settingsOf(method)),
      n: 10_000,
      observations: referencesOf(name),
      key: makeKey(1).split('sbi benchmark').split(name).split(simulations),
      threads: 1,
      context: quietContext(makeKey(1)),
    }
    const found = method === 'sbi' ? await peerCell(task, options) : { ...(await runTaskCell(task, options)), method }
    if (found === undefined) {
      print(`${name} ${method} ${simulations}: skipped, because STIPPLE_PEERS names no Python with sbi`)
      return
    }
    writeJson(path, found)
    const scores = found.observations.map(({ c2st }) => c2st.toFixed(3)).join(', ')
    print(`${name} ${method} ${simulations}: C2ST ${scores}, ${((performance.now() - began) / 1000).toFixed(0)} s`)
  } catch (error) {
    print(`${name} ${method} ${simulations}: skipped, ${messageOf(error)}`)
  }
}

function settingsOf(method: Benchmarked): { readonly preset?: string; readonly set: readonly string[] } {
  if (method === 'ensemble') return { preset: 'ensemble', set: [] }
  return { set: method === 'sbi' ? [] : [`method=${method satisfies MethodName}`] }
}

function cellPath(task: string, method: Benchmarked, simulations: number): string {
  return join(folder, `${task}-${method}-${simulations}.json`)
}

function cellsSoFar(names: readonly string[]): TaskCell[] {
  return names.flatMap(name =>
    benchmarked.flatMap(method =>
      budgets.flatMap(simulations => {
        const path = cellPath(name, method, simulations)
        return existsSync(path) ? [JSON.parse(readFileSync(path, 'utf8')) as TaskCell] : []
      }),
    ),
  )
}
