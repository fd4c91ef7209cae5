import { defineCommand } from '../command.js'

export const bench = defineCommand({
  subject: 'bench',
  description:
    'benchmarks, all or those named: one JSON line a measurement, beside the peers that STIPPLE_PEERS offers',
  positionals: ['[names...]'],
  options: {},
  async run(_options, context, names) {
    const { runBenches } = await import('../bench/benches.js')
    const { peerPython } = await import('../bench/peer.js')
    const lines = []
    for await (const line of runBenches(names)) {
      context.signal.throwIfAborted()
      context.print(JSON.stringify(line))
      lines.push(line)
    }
    if (!peerPython()) {
      context.log.info(
        'no peers: STIPPLE_PEERS does not name the bin folder of a Python environment, so these are our own times alone',
      )
    }
    context.json({ lines })
  },
})
