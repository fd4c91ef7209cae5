/**
 * Works through tasks, `atOnce` of them under way: whoever is done takes the next. The first failure is thrown after no
 * more tasks are begun.
 *
 * @param atOnce  two a thread let one task wait while another is worked on
 */
export async function inParallel<T>(
  tasks: Iterable<T>,
  atOnce: number,
  work: (task: T) => Promise<void>,
): Promise<void> {
  const waiting = tasks[Symbol.iterator]()
  let failed = false
  const worker = async () => {
    for (let next = waiting.next(); !next.done && !failed; next = waiting.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
