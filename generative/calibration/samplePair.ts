/** Two samples to compare, rows flat. */
export interface SamplePair {
  /** `[n, dim]`, of the distribution that is compared with */
  readonly reference: ArrayLike<number>
  /** `[m, dim]` */
  readonly sample: ArrayLike<number>
  readonly dim: number
}
