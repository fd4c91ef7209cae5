import * as Plot from '@observablehq/plot'

/** One bar of a histogram, from x1 to x2. */
export interface Bar {
  readonly x1: number
  readonly x2: number
  readonly count: number
}

/** The bars of a histogram, a pixel between neighbours. */
export function histogramBars(bars: readonly Bar[], fill: string, fillOpacity: number): Plot.Markish {
  return Plot.rectY(bars, {
    x1: 'x1',
    x2: 'x2',
    y1: 0,
    y2: 'count',
    fill,
    fillOpacity,
    insetLeft: 0.5,
    insetRight: 0.5,
  })
}
