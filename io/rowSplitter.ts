import { DataError } from '../core/index.js'

/** Cuts text into rows and cells; keeps what is unfinished between two pieces. */
export class RowSplitter {
  private cells: string[] = []
  private cell = ''
  private quoted = false
  private afterQuote = false
  private line = 1
  private rowLine = 1

  constructor(
    private readonly path: string,
    private readonly separator: string,
  ) {}

  *push(text: string): Generator<{ line: number; cells: string[] }> {
    for (let at = 0; at < text.length; ) {
      const c = text[at]
      if (this.quoted) {
        const quote = text.indexOf('"', at)
        const stop = quote < 0 ? text.length : quote
        const run = text.slice(at, stop)
        for (const char of run) if (char === '\n') this.line++
        this.cell += run
        if (this.cell.length > 1 << 24)
          throw new DataError(
            `expected a closing quote in ${this.path}`,
            `got none since line ${this.rowLine}`,
            'close it',
          )
        at = stop + 1
        if (quote >= 0) {
          this.quoted = false
          this.afterQuote = true
        }
      } else if (c === '"' && (this.afterQuote || this.cell.trim() === '')) {
        this.cell = this.afterQuote ? `${this.cell}"` : ''
        this.quoted = true
        this.afterQuote = false
        at++
      } else if (c === this.separator) {
        this.closeCell()
        at++
      } else if (c === '\n') {
        this.closeCell()
        const row = this.takeRow()
        if (row) yield row
        this.line++
        this.rowLine = this.line
        at++
      } else {
        let stop = at + 1
        while (stop < text.length && text[stop] !== this.separator && text[stop] !== '\n' && text[stop] !== '"') stop++
        this.cell += text.slice(at, stop)
        this.afterQuote = false
        at = stop
      }
    }
  }

  *end(): Generator<{ line: number; cells: string[] }> {
    if (this.quoted)
      throw new DataError(`expected a closing quote in ${this.path}`, `got none since line ${this.rowLine}`, 'close it')
    this.closeCell()
    const row = this.takeRow()
    if (row) yield row
  }

  private closeCell(): void {
    this.cells.push(this.cell)
    this.cell = ''
    this.afterQuote = false
  }

  private takeRow(): { line: number; cells: string[] } | undefined {
    const cells = this.cells
    this.cells = []
    const last = cells.length - 1
    if (cells[last].endsWith('\r')) cells[last] = cells[last].slice(0, -1)
    if (this.rowLine === 1 && cells[0].startsWith('\ufeff')) cells[0] = cells[0].slice(1)
    const empty = cells.length === 1 && cells[0].trim() === ''
    return empty || cells[0].trimStart().startsWith('#') ? undefined : { line: this.rowLine, cells }
  }
}
