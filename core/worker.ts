/**
 * The address of a worker module that lies beside the caller. Workers are compiled like every other file, so the
 * name ends in `.js` wherever the package runs.
 */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`./${name}.js`, callerUrl)
}
