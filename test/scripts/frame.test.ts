import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { makeKey } from '../../core/index.js'
import { duration } from '../../scripts/progress.js'
import { nodeAlone, run, toy } from './commandLine.js'

t.test('options arrive read and with their defaults; the key is made from the seed', async t => {
  const { code, stdout } = await toy(
    'echo',
    'one',
    'two',
    '--json',
    '--data',
    'a.h5',
    'b.h5',
    '--n-s',
    '-1e-1',
    '--set',
    'a.b=1',
    '--set',
    'c=2',
  )
  t.equal(code, 0)
  const result = JSON.parse(stdout)
  t.match(result, {
    data: ['a.h5', 'b.h5'],
    n: 4,
    nS: -0.1,
    kind: 'a',
    rest: false,
    set: ['a.b=1', 'c=2'],
    words: ['one', 'two'],
  })
  t.match(result, { seed: 0, threads: availableParallelism(), device: 'cpu', resume: false, force: false })
  t.same(result.key, makeKey(0).words)
  t.same(result.curve, [1, null], 'what JSON has no word for is null')
  const seeded = JSON.parse(
    (await toy('echo', '--json', '--seed', '12345678901', '--rest', '--kind', 'b', '--data', 'a', '--data', 'b'))
      .stdout,
  )
  t.match(seeded, { kind: 'b', rest: true, data: ['a', 'b'], key: makeKey(12345678901).words })
})

t.test('--json: stdout is one JSON line, all else is on stderr; without it results are on stdout', async t => {
  const json = await toy('echo', '--json')
  t.match(json.stdout, /^\{[^\n]*\}\n$/)
  t.match(json.stderr, 'for a person')
  t.match(json.stderr, 'a library chats')
  const plain = await toy('echo')
  t.match(plain.stdout, 'for a person')
  t.equal(plain.stderr, '')
})

t.test('errors: their exit code, one line, no stack but with --verbose', async t => {
  const cases: readonly [string, number, string][] = [
    ['data', 3, 'stipple: expected a file; got a mess; mend it\n'],
    ['work', 1, 'stipple: expected to end; got lost; again\n'],
    [
      'bug',
      1,
      'stipple: expected the work to finish; got x is not a function at all; run it again with --verbose for the stack\n',
    ],
    ['text', 1, 'stipple: expected the work to finish; got just text; run it again with --verbose for the stack\n'],
  ]
  for (const [how, code, line] of cases) t.same(await toy('fail', how), { code, stdout: '', stderr: line })
  t.match(
    await toy('stray'),
    { code: 3, stderr: 'stipple: expected a worker; got a wreck; look at it\n' },
    'thrown where nobody waits',
  )
  const verbose = await toy('fail', 'bug', '--verbose')
  t.match(verbose.stderr, /TypeError: x is not a function.*\n(.*\n)* {4}at /)
  t.equal((await toy('fail')).code, 2, 'a missing word')
})

t.test('a full disk', { skip: existsSync('/dev/full') ? false : 'no /dev/full on this system' }, async t => {
  const { code, stderr } = await toy('fail', 'full')
  t.equal(code, 1)
  t.match(stderr, /^stipple: expected room on the disk for [^\n]*; got ENOSPC, no space left; free some space[^\n]*\n$/)
})

/**
 * Sends signals, the first when the command reports that it has begun, each of the others when it reports that it has
 * received the one before.
 */
function signalling(...signals: readonly ('SIGINT' | 'SIGTERM')[]) {
  return (child: ChildProcess) => {
    let heard = ''
    let sent = 0
    child.stderr?.on('data', (text: string) => {
      heard += text
      const ready = heard.split('begun').length - 1 + (heard.split('finishing the step').length - 1)
      while (sent < Math.min(ready, signals.length)) child.kill(signals[sent++])
    })
  }
}

t.test('Ctrl-C and SIGTERM: the work ends itself, exit code 130; a second one ends it at once', async t => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const { code, stderr } = await run('./toyCommands.js', ['toy', 'work'], signalling(name))
    t.equal(code, 130)
    t.match(
      stderr,
      /checkpoint left\nstipple: expected to finish the work; got SIG[A-Z]+; continue it with --resume\n$/,
    )
  }
  t.equal((await run('./toyCommands.js', ['toy', 'work', '--deaf'], signalling('SIGINT', 'SIGTERM'))).code, 130)
  const aborted = await run('./toyCommands.js', ['toy', 'sleep'], signalling('SIGINT'))
  t.equal(aborted.code, 130, 'also when a library throws its own AbortError')
  t.match(aborted.stderr, /got SIGINT; continue it with --resume\n$/)
})

t.test('progress: lines to a stderr that is no terminal, none with --quiet', async t => {
  const { stderr } = await run('./toyCommands.js', ['toy', 'work'], signalling('SIGINT'))
  t.match(stderr, /^working: 3 in \d+ s\n/)
  const quiet = await run('./toyCommands.js', ['toy', 'echo', '--quiet'])
  t.equal(quiet.stderr, '')
})

t.test(
  'a finished command ends although a timer runs, with all its lines out; a reader that leaves is no failure',
  async t => {
    const { code, stdout } = await toy('linger')
    t.equal(code, 0)
    t.equal(stdout.split('\n').length, 20_001)
    const left = await run('./toyCommands.js', ['toy', 'linger'], child =>
      child.stdout?.once('data', () => child.stdout?.destroy()),
    )
    t.strictSame({ code: left.code, stderr: left.stderr }, { code: 0, stderr: '' })
  },
)

t.test('a reader that leaves by resetting a socket is no failure either', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [written, [read]] = await Promise.all([
    new Promise<Socket>(resolve => {
      const socket: Socket = connect(port, '127.0.0.1', () => resolve(socket))
    }),
    once(server, 'connection') as Promise<[Socket]>,
  ])
  const program = fileURLToPath(new URL('./toyCommands.js', import.meta.url))
  const [command, ...words] = [...nodeAlone, program, 'toy', 'linger']
  const child = spawn(command, words, { stdio: ['ignore', written, 'pipe'] })
  let stderr = ''
  child.stderr?.on('data', text => {
    stderr += String(text)
  })
  read.once('data', () => read.resetAndDestroy())
  const [code] = await once(child, 'close')
  t.same({ code, stderr }, { code: 0, stderr: '' })
  written.destroy()
  server.close()
})

t.test('durations are said as a person says them', t => {
  const said = [0.2, 45, 59.6, 200, 3599.7, 7500].map(duration)
  t.same(said, ['0 s', '45 s', '1 min 0 s', '3 min 20 s', '1 h 0 min', '2 h 5 min'])
  t.end()
})
