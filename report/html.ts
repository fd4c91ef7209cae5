const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML shows it, also within a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => entities[sign])
}

/** A figure with its title above and, below, what it shows and what its errors are; an empty text takes no place. */
export function figureHtml(title: string, body: string, caption: string): string {
  const above = title === '' ? '' : `<h4>${escapeHtml(title)}</h4>`
  const below = caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>`
  return `<figure>${above}${body}${below}</figure>`
}

/** The heading of a column: of text, or of numbers, which are set flush right. */
export type Column = string | { readonly number: string }

/** Plain text, or HTML that was made here. */
export type Cell = string | { readonly html: string }

/** A table that scrolls by itself where the page is narrower. */
export function tableHtml(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const classOf = (column: Column) => (typeof column === 'string' ? '' : ' class="number"')
  const titleOf = (column: Column) => escapeHtml(typeof column === 'string' ? column : column.number)
  const head = columns.map(column => `<th scope="col"${classOf(column)}>${titleOf(column)}</th>`).join('')
  const body = rows.map(row => {
    const cells = row.map(
      (cell, at) => `<td${classOf(columns[at])}>${typeof cell === 'string' ? escapeHtml(cell) : cell.html}</td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

/** Figures side by side, as many as the page has room for; `two`: wider ones, two at most. Empty without figures. */
export function gridHtml(figures: readonly string[], two = false): string {
  return figures.length === 0 ? '' : `<div class="grid${two ? ' two' : ''}">${figures.join('')}</div>`
}

/** Whether a target is met; empty where it was not judged. */
export function verdictHtml(met: boolean | undefined): string {
  if (met === undefined) return ''
  return met ? '<span class="met">met</span>' : '<span class="missed">missed</span>'
}

/** A number with three significant digits, the minus sign of print, and a dash where there is none. */
export function numberText(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(digits - 1)
      : Number(value.toPrecision(digits)).toString()
  return text.replace(/-/g, '−')
}

/** A share of 1 in percent, with so many decimals. */
export function percentText(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)}%`
}

/** A value and its error, to two figures of the error. */
export function plusMinus(value: number | undefined, error: number | undefined): string {
  if (value === undefined || !Number.isFinite(value) || error === undefined || !(error > 0)) return numberText(value)
  const places = Math.max(0, Math.min(8, 1 - Math.floor(Math.log10(error))))
  return `${value.toFixed(places).replace('-', '−')} ± ${error.toFixed(places)}`
}
