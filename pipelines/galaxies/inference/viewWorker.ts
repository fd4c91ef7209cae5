import { keyOf } from '../../../core/index.js'
import type { Field } from '../../../io/galaxies/field.js'
import { type FieldView, viewField } from './fieldView.js'

export interface ViewTask {
  readonly field: Field
  readonly key: readonly [number, number]
}

/** The view of one field on a worker thread. */
export default function viewOne({ field, key }: ViewTask): FieldView {
  return viewField(field, keyOf(...key))
}
