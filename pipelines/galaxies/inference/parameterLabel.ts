const labels: Readonly<Record<string, string>> = {
  omega_m: 'Ωₘ',
  omega_b: 'Ω_b',
  h: 'h',
  n_s: 'nₛ',
  sigma_8: 'σ₈',
}

/** A cosmological parameter as a figure names it. */
export function parameterLabel(name: string): string {
  return labels[name] ?? name
}
