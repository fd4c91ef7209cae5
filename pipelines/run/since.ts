/** Seconds since a reading of `performance.now()`. */
export function since(began: number): number {
  return (performance.now() - began) / 1000
}
