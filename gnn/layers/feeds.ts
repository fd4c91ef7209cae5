import { WorkError } from '../../core/index.js'

/** A point feeds more edges than the table has room for. */
export class FeedsTooNarrow extends WorkError {
  constructor(
    readonly width: number,
    readonly point: number,
  ) {
    super(
      `expected every point to feed at most ${width} edges`,
      `got more at point ${point}`,
      'take the width that feedsOf finds',
    )
  }
}

/**
 * The senders of a fixed-k graph the other way: for every point the edges (receiver * k + slot) that it feeds, in
 * ascending order, padded with -1. Networks sum their gradients over it in a fixed order (see gatherSenders).
 *
 * @param senders   `[points * k]` of one cloud
 * @param multiple  the width is the largest number of edges a point feeds, rounded up to a multiple of this, so that
 *                  few widths occur (each is a compiled step of its own)
 * @returns edges `[points, width]`
 */
export function feedsOf(senders: Int32Array, points: number, multiple = 8): { edges: Int32Array; width: number } {
  const counts = new Int32Array(points)
  for (const sender of senders) counts[sender]++
  const width = Math.max(1, Math.ceil(counts.reduce((a, b) => Math.max(a, b), 1) / multiple)) * multiple
  return { edges: fillFeeds(senders, points, width), width }
}

/** The same at a given width, which must hold the largest number of edges a point feeds. */
export function fillFeeds(senders: Int32Array, points: number, width: number): Int32Array {
  const edges = new Int32Array(points * width).fill(-1)
  const next = new Int32Array(points)
  for (let edge = 0; edge < senders.length; edge++) {
    const sender = senders[edge]
    if (next[sender] === width) throw new FeedsTooNarrow(width, sender)
    edges[sender * width + next[sender]++] = edge
  }
  return edges
}
