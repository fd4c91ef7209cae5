import { readdirSync } from 'node:fs'
import { cruise } from 'dependency-cruiser'
import t from 'tap'
import { rooms } from './sources.js'

const forbidden = [
  ...rooms.map((room, level) => ({
    name: `${room} looks up`,
    severity: 'error' as const,
    from: { path: `^${room}/` },
    // scripts is the top: nothing is above it, and `^$` matches no file
    to: { path: level === 0 ? '^$' : `^(${rooms.slice(0, level).join('|')})/` },
  })),
  {
    name: 'generative names a network',
    severity: 'error' as const,
    from: { path: '^generative/' },
    to: { path: '^gnn/' },
  },
  { name: 'a circle', severity: 'error' as const, from: {}, to: { circular: true } },
]

async function violations(rules: typeof forbidden, within: readonly string[] = rooms): Promise<string[]> {
  const result = await cruise([...within], {
    validate: true,
    ruleSet: { forbidden: rules },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  })
  if (typeof result.output === 'string') throw new Error('expected the cruise result as an object')
  return result.output.summary.violations.map(v => `${v.rule.name}: ${v.from} -> ${v.to}`)
}

t.test('a room imports only from rooms below it', async t => {
  t.same(await violations(forbidden), [])
})

t.test('the rule can fail: turned upside down it finds imports', async t => {
  const upsideDown = {
    name: 'upside down',
    severity: 'error' as const,
    from: { path: '^io/' },
    to: { path: '^core/' },
  }
  t.not((await violations([upsideDown], ['io'])).length, 0)
})

/** What stands at the top of the repository beside the rooms. */
const besides = ['data', 'dist', 'docs', 'node_modules', 'test']

t.test('every folder at the top is a room, or one of a few others', async t => {
  const folders = readdirSync('.', { withFileTypes: true }).filter(
    entry => entry.isDirectory() && !entry.name.startsWith('.'),
  )
  t.same(
    folders.map(({ name }) => name).filter(name => !rooms.includes(name) && !besides.includes(name)),
    [],
  )
})
