import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { stippleVersion } from '../../io/rootAttributes.js'

/** What a run was made on. Equal seeds give equal values on the same CPU kind, versions and threads. */
export interface Environment {
  readonly stipple: string
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly threads: number
  readonly memory_gb: number
  readonly packages: Readonly<Record<string, string>>
}

export function describeEnvironment(threads: number): Environment {
  return {
    stipple: stippleVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    threads,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    packages: Object.fromEntries(numericPackages.map(name => [name, versionOf(name)])),
  }
}

/** The packages that the numbers of a run depend on. */
const numericPackages = ['@tensorflow/tfjs', 'onnxruntime-node', 'h5wasm']

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as {
        readonly version: string
      }
      return version
    } catch {
      // not in this node_modules; perhaps in one further up
    }
  }
  return 'absent'
}
