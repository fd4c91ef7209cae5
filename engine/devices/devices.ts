import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { listSupportedBackends } from 'onnxruntime-node'
import { workerUrl } from '../../core/index.js'
import { DeviceUnavailable } from '../errors.js'
import { type Device, deviceNames } from './deviceNames.js'

/** Whether this machine has a device. */
export interface DeviceReport {
  readonly device: Device
  readonly available: boolean
  /** Why not, on one line; empty where it is available. */
  readonly reason: string
}

const missing = 'this build of onnxruntime-node does not offer it'

/**
 * Tries each device of onnxruntime with one small sum, each in a process of its own. Takes some seconds.
 *
 * ```ts
 * await devices() // [{ device: 'cpu', available: true, reason: '' }, { device: 'webgpu', available: false, … }, …]
 * ```
 */
export async function devices(): Promise<DeviceReport[]> {
  const offered = new Set(listSupportedBackends().map(({ name }) => name))
  return Promise.all(
    deviceNames.map(async device =>
      offered.has(device) ? probe(device) : { device, available: false, reason: missing },
    ),
  )
}

/**
 * Tries the device before work on it begins, in a process of its own: the native libraries would write many lines to
 * stderr. `await requireDevice('cuda')` stands before the first compilation.
 *
 * @throws {DeviceUnavailable} where the machine lacks it
 */
export async function requireDevice(device: Device): Promise<void> {
  if (device === 'cpu') return
  const offered = listSupportedBackends().some(({ name }) => name === device)
  const report = offered ? await probe(device) : { available: false, reason: missing }
  if (!report.available) throw new DeviceUnavailable(device, report.reason)
}

function probe(device: Device): Promise<DeviceReport> {
  const script = fileURLToPath(workerUrl(import.meta.url, 'deviceProbe'))
  return new Promise(resolve => {
    execFile(process.execPath, [script, device], { timeout: 30_000 }, (error, stdout, stderr) => {
      const answer = parsed(stdout)
      if (answer?.available) return resolve({ device, available: true, reason: '' })
      resolve({
        device,
        available: false,
        reason: reasonOf(device, `${answer?.reason ?? error?.message ?? ''} ${stderr}`),
      })
    })
  })
}

function parsed(text: string): { available: boolean; reason?: string } | undefined {
  try {
    return JSON.parse(text) as { available: boolean; reason?: string }
  } catch {
    return undefined
  }
}

/** What a user can do about it, from the long messages of the native libraries. */
function reasonOf(device: Device, text: string): string {
  if (device === 'cuda' && /shared library|libonnxruntime_providers|Failed to load/.test(text)) {
    return 'the CUDA libraries of onnxruntime-node are not installed (npm install without onnxruntime-node-install=skip, on Linux x64 with an NVIDIA driver)'
  }
  if (device === 'webgpu' && /libvulkan/.test(text)) return 'no Vulkan loader (libvulkan.so.1) on this machine'
  if (device === 'webgpu' && /adapter/i.test(text)) return 'no graphics adapter found'
  return text.replace(/\s+/g, ' ').trim().slice(0, 200) || 'the process that tried it ended without a message'
}
