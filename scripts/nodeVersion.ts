/** The oldest Node.js that Stipple runs on; package.json says the same under `engines`. */
const oldestNode = 20

/** Says what is wrong with this version of Node.js, or nothing. */
export function nodeProblem(version: string): string | undefined {
  const major = Number.parseInt(version, 10)
  if (major >= oldestNode) return undefined
  return `expected Node.js ${oldestNode} or newer; got ${version}; install a newer one from nodejs.org`
}
