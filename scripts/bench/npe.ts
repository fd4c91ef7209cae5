import { makeKey } from '../../core/index.js'
import { densitiesConfig, densitiesPresets } from '../../pipelines/densities/config.js'
import { runTaskCell } from '../../pipelines/densities/taskCell.js'
import { quietContext, resolveConfig } from '../../pipelines/run/index.js'
import { taskNamed } from '../../simulators/tasks/index.js'
import { peerCell } from '../study/sbiPeerCell.js'
import { type BenchLine, processorModel } from './benchLine.js'

const [task, simulations, observation] = ['two_moons', 10_000, 1] as const

/**
 * Posterior estimation from end to end beside Python's sbi, each at its own defaults, on the same simulations: the time
 * of training on two moons with 10,000 simulations on one thread, and the quality of the result, its C2ST against the
 * reference posterior by the same classifier (`c2st`, `peer_c2st`; 0.5 is perfect).
 */
export async function npeBench(): Promise<BenchLine> {
  const options = {
    simulations,
    config: resolveConfig(densitiesConfig, densitiesPresets, {}),
    n: 10_000,
    observations: [observation],
    key: makeKey(1).split('bench npe'),
    threads: 1,
    context: quietContext(makeKey(1)),
  }
  const ours = await runTaskCell(taskNamed(task), options)
  const peer = await peerCell(taskNamed(task), options)
  const [mine, theirs] = [ours.seconds.training * 1000, peer && peer.seconds.training * 1000]
  return {
    name: 'npe',
    size: `${task}, ${simulations} simulations, to the end of training`,
    ours_ms: mine,
    peer: peer ? 'sbi NPE at its defaults' : null,
    peer_ms: theirs ?? null,
    ratio: theirs === undefined ? null : theirs / mine,
    threads: 1,
    cpu: processorModel(),
    c2st: ours.observations[0].c2st,
    peer_c2st: peer?.observations[0].c2st ?? null,
  }
}
