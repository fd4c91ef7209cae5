import { strict as assert } from 'node:assert'

/** Elements that HTML leaves open. */
const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link'])

/** Tags in order and texts between them; throws where an element is not closed or an attribute not quoted. */
export function structureOf(markup: string): { tags: string[]; texts: string[] } {
  const open: string[] = []
  const tags: string[] = []
  const texts: string[] = []
  const body = markup.replace(/^<!doctype html>/, '').replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1></$1>')
  let end = 0
  for (const match of body.matchAll(/<(\/?)([a-zA-Z0-9]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const [whole, closing, tag, , alone] = match
    const text = body.slice(end, match.index)
    assert.ok(!/[<>]/.test(text), `stray bracket in "${text.slice(0, 80)}"`)
    if (text.trim() !== '') texts.push(text.trim())
    end = match.index + whole.length
    if (closing) assert.equal(open.pop(), tag, `</${tag}> closes something else`)
    else {
      tags.push(tag)
      if (!alone && !VOID.has(tag)) open.push(tag)
    }
  }
  assert.equal(body.slice(end).trim(), '')
  assert.deepEqual(open, [], 'all elements are closed')
  return { tags, texts }
}
