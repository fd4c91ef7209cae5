import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import tap from 'tap'
import ts from 'typescript'
import { filesBeneath, linesOf, rooms } from './sources.js'

const ofRooms = rooms.flatMap(filesBeneath).filter(path => path.endsWith('.ts'))
const written = filesBeneath('.').filter(path => /\.(ts|md)$/.test(path))

tap.test('a folder of three or more files says in its README.md why it is apart', async t => {
  const count = new Map<string, number>()
  for (const path of ofRooms) count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1)
  const folders = [...count].filter(([, files]) => files >= 3).map(([folder]) => folder)
  t.ok(folders.length > 20, 'the rule sees folders')
  t.same(
    folders.filter(folder => !readdirSync(folder).includes('README.md')),
    [],
  )
})

tap.test('errors are classes of core/errors.ts', async t => {
  t.ok(ofRooms.length > 500, 'the rule sees files')
  t.same(
    ofRooms.filter(path => readFileSync(path, 'utf8').includes('throw new Error(')),
    [],
  )
})

tap.test('lines end by column 120, where they can be wrapped', async t => {
  t.ok(written.length > 700, 'the rule sees files')
  const tooLong = written.filter(path => {
    const text = readFileSync(path, 'utf8')
    return !byProgram(path, text) && longLines(path, text).length > 0
  })
  t.same(tooLong, [])
})

tap.test('what cannot be wrapped may be longer, and nothing else', async t => {
  const words = 'word '.repeat(30).trim()
  t.same(longLines('a.md', `${words}\n\n| ${words} |\n\n    ${words}\n\n\`\`\`\n${words}\n\`\`\`\n${words}`), [1, 10])
  t.same(longLines('a.md', `https://example.org/${'a'.repeat(120)}`), [])
  t.same(longLines('a.ts', `// ${words}\nconst a = '${words}',\n  b = /${words}/\nf(\n  1, // ${words}\n)`), [1, 5])
  t.same(longLines('a.ts', `const text = \`\n${words}\n\`\n/**\n * ${words}\n */`), [5])
  t.same(longLines('a.ts', `// https://example.org/${'a'.repeat(120)}`), [])
  t.same(longLines('a.ts', `const a = [${'1, '.repeat(50)}]`), [1])
})

/** Model cards and studies are written by programs, a paragraph a line. */
function byProgram(path: string, text: string): boolean {
  return path.endsWith('model-card.md') || /^(Made|Written) by `npm run study/m.test(text)
}

/** Numbers of the lines, from 1, that are longer than 120 columns and could be wrapped. */
function longLines(path: string, text: string): number[] {
  const lines = text.split('\n')
  const numbers = lines.flatMap((line, i) => (line.length > columns && !/https?:\/\//.test(line) ? [i + 1] : []))
  if (numbers.length === 0) return []
  const whole = path.endsWith('.md') ? tablesAndCode(lines) : literalsAcross(path, text)
  return numbers.filter(number => !whole.has(number))
}

const columns = 120

/** Lines of tables, of fenced code and of code that is indented by four columns. */
function tablesAndCode(lines: readonly string[]): Set<number> {
  const found = new Set<number>()
  let fenced = false
  for (const [i, line] of lines.entries()) {
    if (/^\s*```/.test(line)) fenced = !fenced
    if (fenced || /^\s*\||^ {4}/.test(line)) found.add(i + 1)
  }
  return found
}

/** Lines whose last column is reached by a string, a template or a regular expression: these cannot be wrapped. */
function literalsAcross(path: string, text: string): Set<number> {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const found = new Set<number>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateExpression(node)) {
      const from = source.getLineAndCharacterOfPosition(node.getStart(source))
      const to = source.getLineAndCharacterOfPosition(node.getEnd())
      for (let line = from.line; line <= to.line; line++) {
        // What closes a literal, such as `'),`, stands on its line.
        const ends = line < to.line || to.character > columns - closing
        if (ends && (line > from.line || from.character < columns)) found.add(line + 1)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const closing = 6

tap.test('nothing refers to documents that are not in the repository', async t => {
  const absent = ['COMMANDS', 'DESIGN', 'STYLE', 'REFERENCE'].map(name => `${name}.md`)
  const texts = filesBeneath('.').filter(path => /\.(ts|js|md|json|py)$/.test(path) && basename(path) !== lock)
  t.same(
    texts.filter(path => linesOf(path).some(line => absent.some(name => line.includes(name)))),
    [],
  )
})

const lock = 'package-lock.json'
