import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { env } from 'onnxruntime-node'
import { type DeviceReport, devices } from './devices.js'

/** What `stipple doctor` reports. */
export interface DoctorReport {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly threads: number
  readonly memoryGiB: number
  readonly versions: Readonly<Record<'onnxruntime' | 'tfjs' | 'h5wasm', string>>
  readonly devices: readonly DeviceReport[]
}

/** Versions, processor and devices of this machine: `(await doctor()).memoryGiB`. */
export async function doctor(): Promise<DoctorReport> {
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    versions: {
      onnxruntime: env.versions.node ?? env.versions.common,
      tfjs: tf.version.tfjs,
      h5wasm: packageVersion('h5wasm'),
    },
    devices: await devices(),
  }
}

/** Version of an installed package, from the package.json above its entry; packages need not export that file. */
function packageVersion(name: string): string {
  try {
    let folder = dirname(fileURLToPath(import.meta.resolve(name)))
    for (; folder !== dirname(folder); folder = dirname(folder)) {
      const found = versionIn(join(folder, 'package.json'), name)
      if (found !== undefined) return found
    }
  } catch {
    // not installed
  }
  return 'not installed'
}

function versionIn(path: string, name: string): string | undefined {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string }
    return content.name === name ? content.version : undefined
  } catch {
    return undefined
  }
}
