import type { Curve } from '../../statistics/index.js'
import { comparisonFigure } from '../comparisonPlot.js'
import { superscript } from '../svg.js'

/** A statistic in Fourier space: what it is called, and its dimension as a power of length. */
interface FourierStatistic {
  readonly title: string
  readonly symbol: string
  readonly dimension: 3 | 6
  readonly caption: string
}

const statistics: Readonly<Record<string, FourierStatistic>> = {
  power: {
    title: 'Power spectrum',
    symbol: 'P(k)',
    dimension: 3,
    caption: 'Direct sums over halos in shells of wavenumber; shot noise subtracted.',
  },
  bispectrum_equilateral: {
    title: 'Bispectrum, equilateral',
    symbol: 'B(k, k, k)',
    dimension: 6,
    caption: 'Three sides in one shell: the lowest statistic to see filaments and sheets. Shot noise subtracted.',
  },
  bispectrum_squeezed: {
    title: 'Bispectrum, squeezed',
    symbol: 'B(k₁, k, k)',
    dimension: 6,
    caption: 'One side in the longest waves: how small-scale power follows them. Shot noise subtracted.',
  },
}

/** Power spectrum and bispectrum, those that were measured. */
export function fourierPanels(curves: Readonly<Record<string, Curve>>): string[] {
  return Object.entries(statistics).flatMap(([name, statistic]) =>
    curves[name] === undefined ? [] : [panel(curves[name], statistic)],
  )
}

function panel(curve: Curve, { title, symbol, dimension, caption }: FourierStatistic): string {
  // One power of ten for the whole axis, so that its ticks are short.
  const largest = Math.max(
    ...[...curve.value, ...(curve.reference ?? [])].map(Math.abs).filter(Number.isFinite),
    1e-300,
  )
  const exponent = Math.floor(Math.log10(largest))
  return comparisonFigure({
    title,
    caption,
    description: `${title} against wavenumber k, simulated and generated`,
    curve,
    x: { label: 'k  [h/Mpc]' },
    y: { label: `${symbol}  [10${superscript(exponent)} (Mpc/h)${superscript(dimension)}]` },
    scale: () => 10 ** -exponent,
    rule: 0,
  })
}
