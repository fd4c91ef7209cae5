import { escapeHtml, figureHtml, gridHtml } from '../html.js'
import { type Line, linePlot } from '../linePlot.js'
import type { Section } from '../page.js'

/** How a model of halo fields was trained. */
export interface TrainingReport {
  /** In steps against the loss */
  readonly loss?: readonly Line[]
  /** What the loss is, with its unit: "ELBO [nats/halo]" */
  readonly lossLabel?: string
  /** Share of the noise's variance explained, by noise level in Mpc/h; fractions, not percent */
  readonly explainedShare?: readonly Line[]
  readonly note?: string
}

/** Loss, and the share of the noise that the model explains at each level. */
export function trainingSection({ loss, lossLabel, explainedShare, note }: TrainingReport): Section {
  const figures: string[] = []
  if (loss && loss.length > 0) {
    const svg = linePlot({
      description: 'Loss against training step',
      x: { label: 'step' },
      y: { label: lossLabel ?? 'loss', domain: lossDomain(loss) },
      lines: loss,
      width: 470,
      height: 300,
    })
    figures.push(
      figureHtml(
        'Loss',
        svg,
        'Pale: every recorded step. Solid: running mean. The highest 3% of values (the first steps) lie above the frame. Most of the loss is noise that no network can explain.',
      ),
    )
  }
  if (explainedShare && explainedShare.length > 0) {
    const percent = explainedShare.map(line => ({
      ...line,
      dots: true,
      y: line.y.map(share => 100 * share),
      error: line.error?.map(e => 100 * e),
    }))
    const svg = linePlot({
      description: 'Share of the noise variance explained against noise level',
      x: {
        label: 'noise level σ  [Mpc/h]',
        type: 'log',
        domain: noiseDomain(explainedShare),
        ticks: [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500],
      },
      y: { label: 'explained share of noise variance  [%]' },
      lines: percent,
      rule: 0,
      width: 470,
      height: 300,
    })
    figures.push(
      figureHtml(
        'Explained share by noise level',
        svg,
        'How much of the added noise’s variance the model predicts. These small shares are the whole signal.',
      ),
    )
  }
  const said = note && figures.length > 0 ? `<p>${escapeHtml(note)}</p>` : ''
  return { title: 'Training', html: said + gridHtml(figures, true) }
}

/** All noise levels, with a little room so that no dot lies on the frame. */
function noiseDomain(lines: readonly Line[]): readonly [number, number] {
  const levels = lines.flatMap(line => line.x.filter(sigma => sigma > 0))
  return [Math.min(...levels) / 1.15, Math.max(...levels) * 1.15]
}

/** The middle 97% of all values: the first steps fall from so high that they would flatten all that follows. */
function lossDomain(lines: readonly Line[]): readonly [number, number] {
  const ascending = Float64Array.from(lines.flatMap(line => line.y.filter(Number.isFinite))).sort()
  const low = ascending[0] ?? 0
  const high = ascending[Math.floor(0.97 * (ascending.length - 1))] ?? 1
  const room = 0.05 * (high - low) || 0.05
  return [low - room, high + room]
}
