const width = 120

/**
 * Sentences as one paragraph of Markdown, wrapped at 120 columns. The second and later lines of a list item (`- …`) are
 * indented; code between backticks may be broken at a space, which Markdown reads as a space.
 */
export function wrapped(...sentences: readonly string[]): string {
  const text = sentences.join(' ')
  const indent = text.startsWith('- ') ? '  ' : ''
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
