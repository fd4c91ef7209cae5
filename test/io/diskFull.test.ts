import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { temporaryFolder } from './temporary.js'

const at = temporaryFolder()
const program = fileURLToPath(new URL('./writeTooMuch.js', import.meta.url))
const skip = process.platform === 'win32' ? 'no ulimit on this system' : false

/**
 * A limit on the size of a file stands in for a full disk, which a test cannot make without being root: the system
 * refuses to write in the same place. (On a full tmpfs of 1 MB all formats said "got no space left on the disk" and
 * left nothing; this was tried once.)
 */
t.test('a write that the system refuses is a WorkError in every format, and leaves nothing behind', { skip }, t => {
  const folder = at('full')
  mkdirSync(folder)
  // Without the environment: what the test runner hangs into a child writes files of its own.
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'trap "" XFSZ; ulimit -f 200; exec env -i "$0" "$1" "$2"', process.execPath, program, folder],
    { encoding: 'utf8' },
  )
  const errors = JSON.parse(stdout) as Record<string, { name: string; message: string }>
  t.strictSame(Object.keys(errors), ['bytes', 'hdf5', 'hdf5 at close', 'arrow', 'npy', 'csv'])
  for (const [format, { name, message }] of Object.entries(errors)) {
    t.equal(name, 'WorkError', format)
    t.match(message, /^expected to write .*; got .*; /)
  }
  t.strictSame(readdirSync(folder), [])
  t.end()
})
