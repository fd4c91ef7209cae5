import { objectKinds } from '../cases.js'
import { defineCommand } from '../command.js'

export const inspect = defineCommand({
  subject: 'inspect',
  description: 'what a file holds: datasets, shapes, types, units, ranges, and which subject it looks like',
  positionals: ['<file>'],
  options: {},
  async run(_options, context, [file]) {
    const { inspectFile, renderInspection } = await import('../../io/inspect/index.js')
    const inspection = await inspectFile(file, { signal: context.signal, kinds: await objectKinds() })
    context.print(renderInspection(inspection).trimEnd())
    context.json({ ...inspection })
  },
})
