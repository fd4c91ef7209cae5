import { stippleVersion } from '../../io/rootAttributes.js'
import { published, publishedBudgets, publishedMethods } from '../../pipelines/densities/published.js'
import type { TaskCell } from '../../pipelines/densities/taskCell.js'
import { wrapped } from './wrapped.js'

/** The table of a benchmark of simulation-based inference, as Markdown; cells that have not been run are dashes. */
export function sbiBenchmarkPage(cells: readonly TaskCell[], cpu: string): string {
  const tasks = [...new Set(cells.map(({ task }) => task))]
  const methods = [...new Set(cells.map(({ method }) => method))]
  const budgets = [...new Set(cells.map(({ simulations }) => simulations))].sort((a, b) => a - b)
  const at = (task: string, method: string, simulations: number) =>
    cells.find(cell => cell.task === task && cell.method === method && cell.simulations === simulations)
  const lines = [
    '# Simulation-based inference on the standard tasks',
    '',
    wrapped(
      `Written by \`npm run study -- sbi-benchmark\` (stipple ${stippleVersion()}, one thread of ${cpu}); a dash is a cell that has not been run.`,
    ),
    '',
    wrapped(
      'C2ST is the share of held-out draws that a classifier, trained on 10,000 of ours and 10,000 of the reference posterior, attributes correctly: 0.5 is perfect, 1 is useless.',
      'Given is the mean over the observations whose reference posterior ships, one or two a task, each in brackets (the published table is a mean over ten).',
    ),
    '',
    wrapped(
      '`ensemble` is `npe` as a mixture of five networks.',
      "`sbi` is Python's sbi 0.27, NPE at its defaults, on the same simulations and observations, measured by the same classifier: `NPE(prior).append_simulations(theta, x).train()`, then `build_posterior().sample((10000,), x=observation)` (scripts/bench/peers/sbi_npe.py).",
      'The x of slcp is four independent draws of one distribution. Only `nle` can use that (`data.elements=4`), and does here.',
    ),
    '',
  ]
  for (const simulations of budgets) {
    lines.push(
      `## ${simulations.toLocaleString('en')} simulations`,
      '',
      `| task | ${methods.join(' | ')} |`,
      `|---|${methods.map(() => '---').join('|')}|`,
      ...tasks.map(task => `| ${task} | ${methods.map(method => score(at(task, method, simulations))).join(' | ')} |`),
      '',
      wrapped(
        'Wall seconds of one thread: training (the simulations in brackets), and 10,000 draws.',
        'Cells may have run two at a time on 2 cores, which makes each about half as long again.',
      ),
      '',
      `| task | ${methods.join(' | ')} |`,
      `|---|${methods.map(() => '---').join('|')}|`,
      ...tasks.map(
        task => `| ${task} | ${methods.map(method => seconds(at(task, method, simulations))).join(' | ')} |`,
      ),
      '',
    )
  }
  lines.push(
    '## Published',
    '',
    wrapped(
      `Means over ten observations at ${publishedBudgets.map(count => count.toLocaleString('en')).join(' / ')} simulations, Lueckmann et al. 2021, arXiv 2101.04653.`,
    ),
    '',
    `| task | ${publishedMethods.map(method => method.toUpperCase()).join(' | ')} |`,
    `|---|${publishedMethods.map(() => '---').join('|')}|`,
    ...Object.entries(published).map(
      ([task, row]) =>
        `| ${task} | ${publishedMethods.map(method => row[method].map(value => value.toFixed(3)).join(' / ')).join(' | ')} |`,
    ),
    '',
  )
  return lines.join('\n')
}

function score(cell: TaskCell | undefined): string {
  if (cell === undefined || cell.observations.length === 0) return '–'
  const each = cell.observations.map(({ c2st }) => c2st)
  const mean = each.reduce((a, b) => a + b, 0) / each.length
  const inBrackets = each.length > 1 ? ` (${each.map(value => value.toFixed(3)).join(', ')})` : ''
  return `${mean.toFixed(3)}${inBrackets}`
}

function seconds(cell: TaskCell | undefined): string {
  if (cell === undefined) return '–'
  const { training, draws, simulating } = cell.seconds
  const text = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0))
  return `${text(training)} (${text(simulating)}), ${text(draws)}`
}
