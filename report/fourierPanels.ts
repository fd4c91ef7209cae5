import type { Curve } from '../statistics/index.js'
import { comparisonPlot } from './comparisonPlot.js'
import { figureHtml } from './html.js'
import { superscript } from './svg.js'

/** Power spectrum and bispectrum, those that were measured. */
export function fourierPanels({
  power,
  bispectrum_equilateral,
  bispectrum_squeezed,
}: Readonly<Record<string, Curve>>): string[] {
  return [
    panel(power, 'Power spectrum', 'P(k)', 3, 'Direct sums over halos in shells of wavenumber; shot noise subtracted.'),
    panel(
      bispectrum_equilateral,
      'Bispectrum, equilateral',
      'B(k, k, k)',
      6,
      'Three sides in one shell: the lowest statistic to see filaments and sheets. Shot noise subtracted.',
    ),
    panel(
      bispectrum_squeezed,
      'Bispectrum, squeezed',
      'B(k₁, k, k)',
      6,
      'One side in the longest waves: how small-scale power follows them. Shot noise subtracted.',
    ),
  ].flatMap(figure => figure ?? [])
}

function panel(
  curve: Curve | undefined,
  title: string,
  symbol: string,
  dimension: 3 | 6,
  caption: string,
): string | undefined {
  if (curve === undefined) return undefined
  // One power of ten for the whole axis, so that its ticks are short.
  const largest = Math.max(
    ...[...curve.value, ...(curve.reference ?? [])].map(Math.abs).filter(Number.isFinite),
    1e-300,
  )
  const exponent = Math.floor(Math.log10(largest))
  const svg = comparisonPlot({
    description: `${title} against wavenumber k, simulated and generated`,
    curves: [{ curve }],
    x: { label: 'k  [h/Mpc]' },
    y: { label: `${symbol}  [10${superscript(exponent)} (Mpc/h)${superscript(dimension)}]` },
    scale: () => 10 ** -exponent,
    rule: 0,
  })
  return figureHtml(title, svg, caption)
}
