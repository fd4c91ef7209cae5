import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { ink } from './style.js'

/** One axis in the notation of the field, its unit in brackets: `r  [Mpc/h]`. */
export interface AxisOptions {
  readonly label: string
  readonly type?: 'linear' | 'log'
  readonly domain?: readonly [number, number]
  readonly ticks?: readonly number[]
  readonly format?: (value: number) => string
}

/** A figure: its size, its axes and the marks in it. */
export interface FigureOptions {
  /** what the figure shows, for readers who cannot see it */
  readonly description: string
  readonly width?: number
  readonly height?: number
  readonly marginLeft?: number
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly marks: readonly Plot.Markish[]
}

/** A framed figure as a self-contained SVG text, drawn without a browser. */
export function drawFigure(options: FigureOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({
    document,
    width: options.width ?? 352,
    height: options.height ?? 262,
    marginLeft: options.marginLeft ?? 54,
    marginBottom: options.x.label === '' ? 20 : 42,
    marginTop: 8,
    marginRight: 10,
    style: { fontSize: '12px', color: ink },
    x: scaleOf(options.x),
    y: scaleOf(options.y),
    marks: [
      Plot.axisX({ ...axisOf(options.x), labelAnchor: 'center', labelOffset: 38, anchor: 'bottom' }),
      Plot.axisY({
        ...axisOf(options.y),
        labelAnchor: 'center',
        labelOffset: (options.marginLeft ?? 54) - 4,
        anchor: 'left',
      }),
      ...options.marks,
      Plot.frame({ stroke: ink, strokeWidth: 1 }),
    ],
  })
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  figure.setAttribute('role', 'img')
  figure.setAttribute('aria-label', options.description)
  return figure.outerHTML
}

function scaleOf({ type, domain }: AxisOptions): Plot.ScaleOptions {
  return { type: type ?? 'linear', label: null, ...(domain ? { domain: [...domain] } : { nice: type !== 'log' }) }
}

function axisOf({ label, type, domain, ticks, format }: AxisOptions) {
  const tickFormat = format ?? (type === 'log' ? decimal : plain)
  return {
    label,
    labelArrow: 'none' as const,
    tickSize: 5,
    ...(ticks && { ticks: ticks.filter(tick => !domain || (tick >= domain[0] && tick <= domain[1])) }),
    tickFormat,
  }
}

/** Without the thousands' comma, which a scientist may read as a decimal point, and with the minus sign of print. */
function plain(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', '−')
}

/** 0.001, 0.1, 1, 10; powers of ten beyond a thousand either way. */
function decimal(value: number): string {
  if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(6)))
  const exponent = Math.round(Math.log10(value))
  return `10${superscript(exponent)}`
}

/** An exponent as raised digits: `10⁻³`. */
export function superscript(exponent: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹'
  return [...String(exponent)].map(sign => (sign === '-' ? '⁻' : digits[Number(sign)])).join('')
}

/** Bars of errors, from `low` to `high`, above a place `x`. */
export function errorBars<T>(
  rows: readonly T[],
  { x, low, high, stroke }: Record<'low' | 'high', (row: T) => number> & Record<'x' | 'stroke', string>,
): Plot.RuleX {
  return Plot.ruleX(rows, { x, y1: low, y2: high, stroke, strokeWidth: 1.3 })
}

/** The decades of a logarithmic domain. */
export function decades(low: number, high: number): number[] {
  const out: number[] = []
  for (let exponent = Math.ceil(Math.log10(low) - 1e-9); exponent <= Math.log10(high) + 1e-9; exponent++)
    out.push(Number(`1e${exponent}`))
  return out
}
