import { DataError, UsageError, WorkError } from '../../core/index.js'

/** What the task asks for. */
export default async function answer(task: string): Promise<string> {
  switch (task) {
    case 'data':
      throw new DataError('expected a', 'got b', 'do c')
    case 'usage':
      throw new UsageError('expected a', 'got b', 'do c')
    case 'work':
      throw new WorkError('expected a', 'got b', 'do c')
    case 'range':
      throw new RangeError('beyond')
    case 'forever':
      return new Promise<string>(() => setInterval(() => {}, 1000))
    default:
      return `${task} done`
  }
}
