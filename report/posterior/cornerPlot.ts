import { escapeHtml } from '../html.js'
import { faint, generatedColour, ink, simulatedColour } from '../style.js'
import { contourPath } from './contours.js'
import { density1d, density2d, levelsOf, type Range, rangeOf } from './density.js'

/** Draws of one posterior, with its name. */
export interface ShownDraws {
  /** Its name in the key */
  readonly label: string
  /** `[n, p]` */
  readonly values: ArrayLike<number>
  /** `[n]`; all equal where absent */
  readonly weights?: ArrayLike<number>
}

/** What a corner plot shows. */
export interface CornerData {
  /** `[p]` in the notation of the field, unit in brackets: `log₁₀ rₛ [kpc]` */
  readonly labels: readonly string[]
  readonly posterior: ShownDraws
  /** Drawn as lines beside the first, which is filled */
  readonly second?: ShownDraws
  /** Draws of the prior: a dotted line on the diagonal */
  readonly prior?: ShownDraws
  /** `[p]` bounds beyond which nothing is drawn */
  readonly bounds?: readonly (Range | undefined)[]
  /** `[p]` */
  readonly truth?: readonly number[]
}

/** A corner plot with its size. */
export interface CornerOptions extends CornerData {
  readonly description: string
  /** Pixels of one panel */
  readonly panel?: number
}

/** Pixels between panels, and around all of them. */
const gap = 8
const margin = { left: 58, bottom: 52, top: 46, right: 12 } as const

/**
 * All parameters in pairs: 68% and 95% contours of the posterior below, its marginals with median and 68% interval on
 * the diagonal. The panels' ranges are those of the draws.
 */
export function cornerPlot(options: CornerOptions): string {
  const { labels, posterior, second, prior, truth } = options
  // With two parameters the key has the place of a single panel
  const { panel = labels.length > 2 ? 118 : 220 } = options
  const p = labels.length
  const columns = (draws: ShownDraws) =>
    labels.map((_, k) => Float64Array.from({ length: draws.values.length / p }, (_, i) => draws.values[i * p + k]))
  const first = columns(posterior)
  const other = second && columns(second)
  const before = prior && columns(prior)
  const ranges = labels.map((_, k) => rangeOf(other ? [first[k], other[k]] : [first[k]], options.bounds?.[k]))
  const size = p * panel + (p - 1) * gap
  const parts: string[] = []
  for (let row = 0; row < p; row++) {
    for (let column = 0; column <= row; column++) {
      const place = `translate(${margin.left + column * (panel + gap)} ${margin.top + row * (panel + gap)})`
      const inside =
        row === column
          ? marginalPanel(panel, ranges[row], [
              { draws: posterior, values: first[row] },
              second && other && { draws: second, values: other[row] },
              prior && before && { draws: prior, values: before[row] },
            ])
          : jointPanel(
              panel,
              [ranges[column], ranges[row]],
              [
                { draws: posterior, x: first[column], y: first[row] },
                second && other && { draws: second, x: other[column], y: other[row] },
              ],
            )
      const title = row === column ? titleOf(panel, labels[row], first[row], posterior.weights) : ''
      const at = { panel, row, column, ranges }
      const lines = truth ? truthLines(at, truth) : ''
      parts.push(`<g transform="${place}">${inside}${lines}${frame(panel)}${axesOf(at, labels)}${title}</g>`)
    }
  }
  const width = margin.left + size + margin.right
  const height = margin.top + size + margin.bottom
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(options.description)}" ` +
    `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-size="12" fill="${ink}">` +
    `${parts.join('')}${keyOf(options, width)}</svg>`
  )
}

interface Marginal {
  readonly draws: ShownDraws
  readonly values: Float64Array
}

function marginalPanel(
  panel: number,
  range: Range,
  [main, second, prior]: readonly [Marginal, Marginal | undefined, Marginal | undefined],
): string {
  const drawn = [main, second, prior].map(one => one && density1d(one.values, range, one.draws.weights))
  const highest = Math.max(...drawn.flatMap(one => one?.density ?? []))
  const path = (at: number) => {
    const one = drawn[at]
    if (!one) return ''
    const points = one.density.map((value, k) => {
      const x = ((k + 0.5) / one.density.length) * panel
      return `${x.toFixed(1)} ${(panel - (value / highest) * 0.94 * panel).toFixed(1)}`
    })
    return `M${points.join('L')}`
  }
  const body = path(0)
  const parts = [
    `<path d="${body}L${panel} ${panel}L0 ${panel}Z" fill="${simulatedColour}" fill-opacity=".2"/>`,
    `<path d="${body}" fill="none" stroke="${simulatedColour}" stroke-width="1.7"/>`,
  ]
  if (prior)
    parts.push(`<path d="${path(2)}" fill="none" stroke="${faint}" stroke-width="1.3" stroke-dasharray="2 3"/>`)
  if (second) parts.push(`<path d="${path(1)}" fill="none" stroke="${generatedColour}" stroke-width="1.5"/>`)
  return parts.join('')
}

interface Joint {
  readonly draws: ShownDraws
  readonly x: Float64Array
  readonly y: Float64Array
}

function jointPanel(
  panel: number,
  ranges: readonly [Range, Range],
  [main, second]: readonly [Joint, Joint | undefined],
): string {
  const contours = ({ draws, x, y }: Joint) => {
    const density = density2d(x, y, ranges, draws.weights)
    return levelsOf(density, [0.95, 0.68]).map(level => contourPath(density, level, panel, panel))
  }
  const [wide, narrow] = contours(main)
  const parts = [
    `<path d="${wide}" fill="${simulatedColour}" fill-opacity=".18" fill-rule="evenodd" stroke="${simulatedColour}" stroke-opacity=".55"/>`,
    `<path d="${narrow}" fill="${simulatedColour}" fill-opacity=".38" fill-rule="evenodd" stroke="${simulatedColour}"/>`,
  ]
  if (second) {
    const [outer, inner] = contours(second)
    parts.push(
      `<path d="${outer}" fill="none" stroke="${generatedColour}" stroke-width="1.2" stroke-dasharray="4 2.5"/>`,
      `<path d="${inner}" fill="none" stroke="${generatedColour}" stroke-width="1.4"/>`,
    )
  }
  return parts.join('')
}

/** A panel among all. */
interface Place {
  /** Pixels a side */
  readonly panel: number
  readonly row: number
  readonly column: number
  /** Of all parameters */
  readonly ranges: readonly Range[]
}

function truthLines({ panel, row, column, ranges }: Place, truth: readonly number[]): string {
  const place = (k: number) => ((truth[k] - ranges[k][0]) / (ranges[k][1] - ranges[k][0])) * panel
  const [x, y] = [place(column), panel - place(row)]
  const style = `stroke="${ink}" stroke-width="1" stroke-dasharray="5 3"`
  const inX = x >= 0 && x <= panel
  const inY = y >= 0 && y <= panel
  const upright = inX ? `<path d="M${x.toFixed(1)} 0V${panel}" ${style}/>` : ''
  if (row === column) return upright
  const level = inY ? `<path d="M0 ${y.toFixed(1)}H${panel}" ${style}/>` : ''
  const spot =
    inX && inY ? `<rect x="${(x - 2.6).toFixed(1)}" y="${(y - 2.6).toFixed(1)}" width="5.2" height="5.2"/>` : ''
  return upright + level + spot
}

function frame(panel: number): string {
  return `<rect width="${panel}" height="${panel}" fill="none" stroke="${ink}"/>`
}

/** Ticks everywhere, numbers and names at the left and below alone. */
function axesOf({ panel, row, column, ranges }: Place, labels: readonly string[]): string {
  const parts: string[] = []
  const bottom = row === labels.length - 1
  for (const tick of ticksOf(ranges[column])) {
    const x = (((tick - ranges[column][0]) / (ranges[column][1] - ranges[column][0])) * panel).toFixed(1)
    parts.push(`<path d="M${x} ${panel}v-4" stroke="${ink}"/>`)
    if (bottom)
      parts.push(`<text x="${x}" y="${panel + 15}" text-anchor="middle" font-size="11">${numberOf(tick)}</text>`)
  }
  if (bottom)
    parts.push(`<text x="${panel / 2}" y="${panel + 36}" text-anchor="middle">${escapeHtml(labels[column])}</text>`)
  if (row === column) return parts.join('')
  for (const tick of ticksOf(ranges[row])) {
    const y = panel - ((tick - ranges[row][0]) / (ranges[row][1] - ranges[row][0])) * panel
    parts.push(`<path d="M0 ${y.toFixed(1)}h4" stroke="${ink}"/>`)
    if (column === 0)
      parts.push(`<text x="-6" y="${(y + 4).toFixed(1)}" text-anchor="end" font-size="11">${numberOf(tick)}</text>`)
  }
  if (column === 0) {
    parts.push(
      `<text transform="translate(-42 ${panel / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(labels[row])}</text>`,
    )
  }
  return parts.join('')
}

/** Three or four round numbers within a range, away from its ends where numbers of neighbours would touch. */
function ticksOf([low, high]: Range): number[] {
  const span = high - low
  const rough = span / 4.4
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find(m => m * decade >= rough) ?? 10) * decade
  const out: number[] = []
  for (let k = Math.ceil((low + 0.06 * span) / step); k * step <= high - 0.06 * span; k++)
    out.push(Number((k * step).toPrecision(12)))
  return out
}

/** A label without the unit in brackets behind it. */
export function withoutUnit(label: string): string {
  return label.replace(/\s*\[.*/, '')
}

/** Name, median and the errors to the ends of the 68% interval, above a marginal. */
function titleOf(panel: number, label: string, values: Float64Array, weights?: ArrayLike<number>): string {
  const [low, middle, high] = [0.16, 0.5, 0.84].map(share => weightedQuantile(values, share, weights))
  const least = Math.max(1e-9, Math.min(high - middle, middle - low))
  const places = Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(least))))
  const text = (value: number) =>
    value
      .toFixed(places)
      .replace(/^-(?=[0.]*$)/, '')
      .replace('-', '−')
  const up = `+${text(high - middle)}`
  // The two errors stand one above the other: the lower begins where the upper did
  const errors =
    `<tspan font-size="10" dx="3" dy="-5">${up}</tspan>` +
    `<tspan font-size="10" dx="${(-5.65 * up.length).toFixed(1)}" dy="10">−${text(middle - low)}</tspan>`
  const at = `x="${panel / 2}" text-anchor="middle"`
  return (
    `<text ${at} y="-27" font-size="12" font-weight="600">${escapeHtml(withoutUnit(label))}</text>` +
    `<text ${at} y="-10" font-size="12">${text(middle)}${errors}</text>`
  )
}

function weightedQuantile(values: Float64Array, share: number, weights?: ArrayLike<number>): number {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b])
  const total = order.reduce((sum, i) => sum + (weights?.[i] ?? 1), 0)
  let below = 0
  for (const i of order) {
    below += weights?.[i] ?? 1
    if (below >= share * total) return values[i]
  }
  return values[order[order.length - 1]]
}

function numberOf(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', '−')
}

/** What the colours mean, in the empty corner at the top right. */
function keyOf({ posterior, second, prior, truth }: CornerOptions, width: number): string {
  const fill = `<rect width="26" height="12" fill="${simulatedColour}" fill-opacity=".18" stroke="${simulatedColour}" stroke-opacity=".55"/><rect x="6" y="2.5" width="14" height="7" fill="${simulatedColour}" fill-opacity=".38" stroke="${simulatedColour}"/>`
  const rows: [string, string][] = [[fill, `${posterior.label}: 68% and 95%`]]
  if (second)
    rows.push([
      `<path d="M0 6H26" stroke="${generatedColour}" stroke-width="1.5"/>`,
      `${second.label}: 68% solid, 95% dashed`,
    ])
  if (prior) rows.push([`<path d="M0 6H26" stroke="${faint}" stroke-width="1.3" stroke-dasharray="2 3"/>`, prior.label])
  if (truth) rows.push([`<path d="M0 6H26" stroke="${ink}" stroke-dasharray="5 3"/>`, 'truth'])
  const items = rows.map(
    ([sign, text], i) =>
      `<g transform="translate(0 ${i * 22})">${sign}<text x="34" y="10.5" font-size="13.5">${escapeHtml(text)}</text></g>`,
  )
  const longest = Math.max(...rows.map(([, text]) => text.length))
  return `<g transform="translate(${width - margin.right - 44 - longest * 6.6} ${margin.top + 4})">${items.join('')}</g>`
}
