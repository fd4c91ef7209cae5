/** One line of what a study has to say. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
