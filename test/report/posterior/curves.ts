/** Numbers without a pattern that a figure could hide behind. */
export function wave(n: number, at: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + at) + Math.sin(0.31 * i * at))
}

export const r = [0.03, 0.1, 0.3, 1, 3]

const curve = (scale: number) => r.map(x => scale / x)

/** Quantiles of a curve that falls with r. */
export const band = { r, q025: curve(1), q16: curve(2), q50: curve(3), q84: curve(4), q975: curve(5) }

/** Levels of credible intervals. */
export const nominal = [0.25, 0.5, 0.68, 0.95]
