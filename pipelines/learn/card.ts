import { basename } from 'node:path'
import { writeAtomic } from '../../io/index.js'
import { stippleVersion } from '../../io/rootAttributes.js'

/** The files that a model was made from, by name. */
export function fileNames(data: readonly string[]): string {
  return data.map(file => basename(file)).join(', ')
}

/** `Made by stipple 0.1.0 with seed 3 from a.h5`: how every card begins. */
export function madeBy({ seed, from }: { readonly seed: number; readonly from: string }): string {
  return `Made by stipple ${stippleVersion()} with seed ${seed} from ${from}`
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)]
}

/**
 * The model card that lies beside the weights: what they were made of, how, for how long, and where they hold.
 *
 * @param parts paragraphs and tables, an empty line between them
 */
export function writeCard(path: string, title: string, parts: readonly (readonly string[] | string)[]): void {
  const paragraphs = parts.map(part => (typeof part === 'string' ? part : part.join('\n'))).filter(part => part !== '')
  writeAtomic(path, `${[`# Model card: ${title}`, ...paragraphs].join('\n\n')}\n`)
}
