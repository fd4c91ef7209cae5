/**
 * The project's name of a cosmological parameter, from the spellings in use: Omega_m, OmegaM, Om -> omega_m; sigma8, s8
 * -> sigma_8; ns -> n_s; h and HubbleParam -> h. Other names stay.
 */
export function parameterName(name: string): string {
  const bare = name.trim().replace(/^#\s*/, '')
  return known[bare.toLowerCase().replace(/[_\s]/g, '')] ?? bare
}

const known: Readonly<Record<string, string>> = {
  omegam: 'omega_m',
  omega0: 'omega_m',
  om: 'omega_m',
  omegab: 'omega_b',
  ob: 'omega_b',
  h: 'h',
  hubbleparam: 'h',
  ns: 'n_s',
  sigma8: 'sigma_8',
  s8: 'sigma_8',
}
