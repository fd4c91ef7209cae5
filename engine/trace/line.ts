import { fileURLToPath } from 'node:url'

const engineFolder = fileURLToPath(new URL('..', import.meta.url))

/** The engine as it is compiled, and as a stack shows it where source maps are on. */
const engineFolders = [engineFolder, engineFolder.replace(/dist[^/\\]*[/\\]/, '')]

/** tfjs's own files, also by the names that its source maps give them. */
const tfjs = /@tensorflow|[/\\]tfjs-(core|backend-\w+|layers|converter|data)[/\\]/

/**
 * The first line of a stack outside tfjs and outside the engine: the user's program. `file:line:column`, or 'an
 * unknown line' where the stack was cut before it.
 */
export function userLine(stack: string | undefined): string {
  for (const frame of (stack ?? '').split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1]
    if (place === undefined) continue
    const path = place.startsWith('file://') ? place.slice('file://'.length) : place
    if (tfjs.test(path) || engineFolders.some(folder => path.startsWith(folder))) continue
    return path
  }
  return 'an unknown line'
}

/** Runs with stacks long enough to reach the user's program through tfjs' gradients. */
export function withLongStacks<T>(run: () => T): T {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 200
  try {
    return run()
  } finally {
    Error.stackTraceLimit = limit
  }
}
