import { dwarfs } from './dwarfs/dwarfs.js'
import { fields } from './galaxies/fields.js'
import { type ObjectKind, simulations } from './objects/index.js'

/** The kinds of object that are declared here; whoever declares another passes a longer list. */
export const kinds: readonly ObjectKind<unknown>[] = [fields, dwarfs, simulations]
