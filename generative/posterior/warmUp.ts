/** The middle of a warm-up, where scales are learnt: from step `first` on, anew after each of `ends`. */
export interface WarmUpWindows {
  readonly first: number
  /** steps after which the scales are set and the step size sought anew, ascending */
  readonly ends: readonly number[]
}

/**
 * Stan's schedule (Stan Reference Manual, "Automatic parameter tuning"): 75 steps to find the typical set, windows of
 * 25, 50, 100, … in which scales are learnt, and at last 50 for the step size, or a tenth if that is more, for its
 * average forgets slowly; in short warm-ups 15%, 75% and 10%. None under 20 steps.
 */
export function warmUpWindows(warmUp: number): WarmUpWindows {
  if (warmUp < 20) return { first: 0, ends: [] }
  const short = warmUp < 150
  const first = short ? Math.floor(0.15 * warmUp) : 75
  const last = warmUp - (short ? Math.floor(0.1 * warmUp) : Math.max(50, Math.floor(0.1 * warmUp)))
  const ends: number[] = []
  let size = short ? last - first : 25
  for (let end = first + size; ; end += size) {
    // a window that the next could not follow takes the rest
    size *= 2
    if (end + size > last) break
    ends.push(end)
  }
  return { first, ends: [...ends, last] }
}
