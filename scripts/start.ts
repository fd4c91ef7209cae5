import { defineCommand } from './command.js'
import { main } from './main.js'

const start = defineCommand({
  subject: 'start',
  description: 'the main job: the quick preset of the galaxies case on the embedded fields, from file to report',
  options: {},
  async run(options, context) {
    const { firstRun } = await import('../pipelines/galaxies/firstRun.js')
    await firstRun(options, context)
  },
})

await main(['start', ...process.argv.slice(2)], [start])
