import type { BandData } from '../posterior/bandPlot.js'
import type { Profile } from '../posterior/profilesSection.js'

/**
 * A curve of one galaxy against radius in kpc. Its marks stand at the innermost star, the half-light radius and the
 * outermost star.
 */
export interface ProfileReport extends BandData {
  readonly kind: 'rho' | 'mass' | 'beta' | 'dispersion'
  /** Said below the figure, after what the kind has to say */
  readonly note?: string
}

/** What a kind is called, how its axes are drawn, and what is said below it. */
const kinds: Readonly<Record<ProfileReport['kind'], Pick<Profile, 'title' | 'y' | 'caption' | 'rule'>>> = {
  rho: {
    title: 'Dark-matter density',
    y: { label: 'ρ(r)  [Msun/kpc³]', type: 'log' },
    caption: 'Density of dark matter.',
  },
  mass: { title: 'Enclosed mass', y: { label: 'M(< r)  [Msun]', type: 'log' }, caption: 'Dark matter within r.' },
  beta: {
    title: 'Anisotropy',
    y: { label: 'β(r)', domain: [-1, 1] },
    caption: '1: radial orbits, 0: isotropic, negative: tangential.',
    rule: 0,
  },
  dispersion: {
    title: 'Velocity dispersion',
    y: { label: 'σ(R)  [km/s]' },
    caption:
      'Along the line of sight, by the Jeans equation from the posterior. Points: stars in rings, errors of measurement taken out.',
  },
}

/** A curve of a galaxy as `profilesSection` draws it. */
export function dwarfProfile({ kind, note, ...shown }: ProfileReport): Profile {
  const { title, y, caption, rule } = kinds[kind]
  const projected = kind === 'dispersion'
  return {
    ...shown,
    title,
    caption: note === undefined ? caption : `${caption} ${note}`,
    x: { label: projected ? 'R  [kpc]' : 'r  [kpc]', type: 'log' },
    y: projected ? { ...y, domain: [0, highest(shown)] } : y,
    rule,
  }
}

/** Above all that is drawn. */
function highest({ band, second, truth, points }: BandData): number {
  const tops = [band.q975, second?.q975 ?? [], truth?.y ?? [], points?.y.map((y, k) => y + points.error[k]) ?? []]
  return 1.12 * Math.max(...tops.flat().filter(Number.isFinite))
}
