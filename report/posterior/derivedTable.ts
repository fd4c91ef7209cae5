import { escapeHtml, tableHtml } from '../html.js'
import type { Section } from '../page.js'

/** Quantiles of a quantity that follows from the parameters. */
export interface DerivedRow {
  /** In the notation of the field: `log10 J(0.5 deg)`, `V_max` */
  readonly label: string
  /** `GeV2 cm-5`, `Msun/kpc3`, or empty */
  readonly units: string
  readonly q05: number
  readonly q16: number
  readonly q50: number
  readonly q84: number
  readonly q95: number
}

/** What follows from a posterior: median, 68% and 90% interval of each quantity. */
export function derivedTable(rows: readonly DerivedRow[]): Section {
  const columns = ['', { number: 'Median' }, { number: '68% interval' }, { number: '90% interval' }, 'Unit']
  const cells = rows.map(({ label, units, q05, q16, q50, q84, q95 }) => {
    // To two figures of the error; one of parts in ten thousand would say too much
    const places = Math.max(0, Math.min(2, 1 - Math.floor(Math.log10(Math.max(1e-9, (q84 - q16) / 2)))))
    const text = (value: number) =>
      Math.abs(value) < 1e5 ? value.toFixed(places).replace('-', '−') : powerOfTen(value)
    return [
      { html: notation(label) },
      { html: text(q50) },
      { html: `${text(q16)} to ${text(q84)}` },
      { html: `${text(q05)} to ${text(q95)}` },
      { html: unitHtml(units) },
    ]
  })
  return { title: 'What follows', html: rows.length === 0 ? '' : tableHtml(columns, cells) }
}

function powerOfTen(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e')
  return `${digits.replace('-', '−')} × 10<sup>${Number(exponent)}</sup>`
}

/** `log10 J(0.5 deg)`, `V_max`, `rho(150 pc)` as they are printed. */
function notation(label: string): string {
  return escapeHtml(label)
    .replace(/log10/g, 'log<sub>10</sub>')
    .replace(/_([a-z]+)/g, '<sub>$1</sub>')
    .replace(/\brho\b/g, 'ρ')
    .replace(/ deg\b/g, '°')
}

/** `GeV2 cm-5` with its powers raised. */
function unitHtml(units: string): string {
  return escapeHtml(units).replace(/(?<=[A-Za-z])-?\d/g, power => `<sup>${power.replace('-', '−')}</sup>`)
}
