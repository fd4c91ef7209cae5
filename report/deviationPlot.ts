import * as Plot from '@observablehq/plot'
import type { JudgedCurve } from '../statistics/index.js'
import { curvePoints } from '../statistics/index.js'
import { faint, generatedColour, simulatedColour } from './style.js'
import { type AxisOptions, drawFigure, errorBars } from './svg.js'

/**
 * (Drawn - simulated) over the scatter of one field, with the standard error of the difference as bars and the band of
 * one scatter either way. What lies beyond the frame stands at its edge, hollow.
 */
export function deviationPlot(curve: JudgedCurve, description: string, x: AxisOptions): string {
  const places = curvePoints(curve).flatMap((at, bin) => {
    const sigma = curve.sigmas[bin]
    const error = curve.difference_error[bin] / curve.reference_scatter[bin]
    return Number.isFinite(sigma) ? [{ at, sigma, error: Number.isFinite(error) ? error : 0 }] : []
  })
  const most = Math.min(6, Math.max(2.2, ...places.map(({ sigma, error }) => Math.abs(sigma) + error)) * 1.05)
  const inside = (y: number) => Math.min(most, Math.max(-most, y))
  const span = curve.x.length > 0 ? [Math.min(...curve.x), Math.max(...curve.x)] : [0, 1]
  return drawFigure({
    description,
    height: 190,
    x,
    y: { label: 'deviation  [σ of one field]', domain: [-most, most] },
    marks: [
      Plot.rect([span], {
        x1: p => p[0],
        x2: p => p[1],
        y1: -1,
        y2: 1,
        fill: simulatedColour,
        fillOpacity: 0.14,
      }),
      Plot.ruleY([0], { stroke: faint }),
      errorBars(places, {
        x: 'at',
        low: p => inside(p.sigma - p.error),
        high: p => inside(p.sigma + p.error),
        stroke: generatedColour,
      }),
      Plot.dot(places, {
        x: 'at',
        y: p => inside(p.sigma),
        r: 2.8,
        stroke: generatedColour,
        strokeWidth: 1.3,
        fill: p => (Math.abs(p.sigma) > most ? 'white' : generatedColour),
      }),
    ],
  })
}
