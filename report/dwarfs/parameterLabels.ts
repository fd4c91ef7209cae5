/** The six parameters in the notation of the field, in the order of theta. */
export const dwarfLabels: readonly string[] = [
  'γ',
  'log₁₀ rₛ  [kpc]',
  'log₁₀ ρ₀  [Msun/kpc³]',
  'log₁₀ r★  [kpc]',
  'β₀',
  'log₁₀ rₐ  [kpc]',
]
