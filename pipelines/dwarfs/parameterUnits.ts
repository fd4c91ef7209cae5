/** Units of theta, in the order of `dwarfNames`. */
export const parameterUnits = ['', 'log10 kpc', 'log10 Msun/kpc3', 'log10 kpc', '', 'log10 kpc'] as const
