/**
 * Commands that are planned and that this version does not have yet: a subject, or `subject verb`. A command that gets
 * built leaves this table and joins `commands/index.ts`.
 */
export const notBuilt: readonly string[] = [
  'dwarfs sample',
  'images',
  'lenses',
  'maps',
  'jets',
  'molecules',
  'view',
  'submit',
  'resume',
  'cite',
  'report',
]

/** The entry that the first words of a command line ask for, if it is one that is not built. */
export function notBuiltYet(words: readonly string[]): string | undefined {
  const [subject, verb] = words
  return notBuilt.find(entry => entry === subject || entry === `${subject} ${verb}`)
}
