const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => ENTITIES[sign])
}

/** A figure with its title above and, below, what it shows and what its errors are. */
export function figureHtml(title: string, body: string, caption: string): string {
  return `<figure><h4>${escapeHtml(title)}</h4>${body}<figcaption>${escapeHtml(caption)}</figcaption></figure>`
}

export interface Column {
  readonly title: string
  readonly numeric?: boolean
}

/** A table; cells are plain text unless they are `{ html }`. */
export function tableHtml(
  columns: readonly Column[],
  rows: readonly (readonly (string | { readonly html: string })[])[],
): string {
  const classOf = (column: Column) => (column.numeric ? ' class="number"' : '')
  const head = columns.map(column => `<th scope="col"${classOf(column)}>${escapeHtml(column.title)}</th>`).join('')
  const body = rows.map(row => {
    const cells = row.map(
      (cell, at) => `<td${classOf(columns[at])}>${typeof cell === 'string' ? escapeHtml(cell) : cell.html}</td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

/** A number with three significant digits, the minus sign of print, and an em dash where there is none. */
export function numberText(value: number | undefined, digits = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(digits - 1)
      : Number(value.toPrecision(digits)).toString()
  return text.replace(/-/g, '−')
}

/** A value to the two figures that its error has. */
export function plusMinus(value: number | undefined, error: number | undefined): string {
  if (value === undefined || !Number.isFinite(value) || error === undefined || !(error > 0)) return numberText(value)
  const places = Math.max(0, Math.min(8, 1 - Math.floor(Math.log10(error))))
  return `${value.toFixed(places).replace('-', '−')} ± ${error.toFixed(places)}`
}
