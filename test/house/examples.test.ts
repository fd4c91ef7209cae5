/** The examples in the documentation of the subpaths, type-checked as a user would and run. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import t from 'tap'
import ts from 'typescript'

interface Entry {
  readonly types: string
  readonly default: string
}

const exported = JSON.parse(readFileSync('package.json', 'utf8')).exports as Readonly<Record<string, Entry>>
const subpaths = Object.entries(exported).map(([path, entry]) => ({ name: path.replace('./', ''), entry }))

/** The code in the documentation of a module, without the stars; empty where there is none. */
function exampleOf(source: string): string {
  const [, doc = ''] = /^\/\*\*(.*?)\*\//s.exec(source) ?? []
  const lines = doc.split('\n').map(line => line.replace(/^ \* ?/, ''))
  const code = lines.flatMap(line => (line.startsWith('    ') ? [line.slice(4)] : line.trim() === '' ? [''] : []))
  return code.join('\n').trim()
}

/** What `console.log` of an example should print: the comment at the end of its line. */
function expectedOf(code: string): string[] {
  return code.split('\n').flatMap(line => /^\s*console\.log\(.*\)\s*\/\/ (.*)$/.exec(line)?.[1].trim() ?? [])
}

/** Runs a module and returns what it printed. */
async function printedBy(path: string): Promise<string[]> {
  const lines: string[] = []
  const log = console.log
  console.log = (...values: unknown[]) => void lines.push(format(...values))
  try {
    await import(pathToFileURL(path).href)
  } finally {
    console.log = log
  }
  return lines
}

t.test('every subpath is built and resolves by the name of the package', async t => {
  t.ok(subpaths.length > 10)
  for (const { name, entry } of subpaths) {
    t.ok(existsSync(entry.types) && existsSync(entry.default), `${name}: ${entry.default} and its types are built`)
    const found = (await import(`stippling/${name}`)) as Record<string, unknown>
    t.ok(Object.keys(found).length > 0, `${name} exports names`)
    const at = import.meta.resolve(`stippling/${name}`)
    t.equal(at, pathToFileURL(entry.default).href, `${name} is the one of package.json`)
  }
})

t.test('every subpath lists its names by hand', async t => {
  for (const { name, entry } of subpaths) {
    const source = readFileSync(entry.default.replace('./dist/', '').replace('.js', '.ts'), 'utf8')
    t.notMatch(source, /^export \*/m, `${name} lists its names`)
  }
})

t.test('every subpath has an example that compiles strictly and prints what it says', async t => {
  const folder = t.testdir()
  const examples = subpaths.map(({ name, entry }) => {
    const code = exampleOf(readFileSync(entry.default.replace('./dist/', '').replace('.js', '.ts'), 'utf8'))
    t.ok(code.includes(`'stippling/${name}'`), `${name}: the example imports the subpath`)
    const path = join(folder, `${name}.ts`)
    writeFileSync(path, `${code}\nexport {}\n`)
    return { name, code, path }
  })
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: folder,
    rootDir: folder,
  }
  const program = ts.createProgram(
    examples.map(({ path }) => path),
    options,
  )
  const host = {
    getCanonicalFileName: (path: string) => path,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  }
  t.equal(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host), '')
  program.emit()
  for (const { name, code, path } of examples) {
    t.same(await printedBy(path.replace(/\.ts$/, '.js')), expectedOf(code), `${name}: prints what its comments say`)
  }
})

t.test('an example that breaks is seen', async t => {
  const code = exampleOf('/**\n * Text.\n *\n *     console.log(1 + 1)   // 3\n *\n * @module\n */\n')
  const folder = t.testdir({ 'broken.js': code })
  t.same(expectedOf(code), ['3'])
  t.same(await printedBy(join(folder, 'broken.js')), ['2'])
})
