/** Writes one line of a study's results. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
