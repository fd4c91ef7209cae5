import { defineCommand } from '../command.js'

export const doctor = defineCommand({
  subject: 'doctor',
  description: 'what this machine offers: devices and why not, versions, threads, memory',
  options: {},
  async run(_options, context) {
    const { doctor: examine } = await import('../../engine/devices/doctor.js')
    const report = await examine()
    const { node, platform, cpu, threads, memoryGiB, versions } = report
    context.print(`node ${node}, ${platform}`)
    context.print(`${cpu}, ${threads} threads, ${memoryGiB} GiB`)
    for (const [name, version] of Object.entries(versions)) context.print(`${name} ${version}`)
    for (const { device, available, reason } of report.devices) {
      context.print(available ? `${device}: available` : `${device}: not available, ${reason}`)
    }
    context.json({ ...report })
  },
})
