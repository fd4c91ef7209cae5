import { existsSync, readdirSync } from 'node:fs'
import { cruise } from 'dependency-cruiser'
import t from 'tap'

/** The rooms of the house, from the top down: a room imports only from rooms below it. */
const rooms = ['scripts', 'pipelines', 'report', 'simulators', 'generative', 'gnn', 'engine', 'io', 'core']

const forbidden = [
  ...rooms.map((room, level) => ({
    name: `${room} looks up`,
    severity: 'error' as const,
    from: { path: `^src/${room}/` },
    // scripts is the top: nothing is above it, and `^$` matches no file
    to: { path: level === 0 ? '^$' : `^src/(${rooms.slice(0, level).join('|')})/` },
  })),
  {
    name: 'generative names a network',
    severity: 'error' as const,
    from: { path: '^src/generative/' },
    to: { path: '^src/gnn/' },
  },
  { name: 'a circle', severity: 'error' as const, from: { path: '^src/' }, to: { circular: true } },
]

async function violations(rules: typeof forbidden): Promise<string[]> {
  const result = await cruise(['src'], {
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
    from: { path: '^src/io/' },
    to: { path: '^src/core/' },
  }
  if (existsSync('src/io')) t.not((await violations([upsideDown])).length, 0)
})

t.test('every folder under src is a room', async t => {
  t.same(
    readdirSync('src').filter(name => !rooms.includes(name)),
    [],
  )
})
