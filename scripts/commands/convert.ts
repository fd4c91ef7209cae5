import { UsageError } from '../../core/errors.js'
import { text } from '../../pipelines/options.js'
import { objectKinds } from '../cases.js'
import { defineCommand } from '../command.js'

export const convert = defineCommand({
  subject: 'convert',
  description:
    'a file in another format, by the endings of the names: .h5, .arrow, .csv, .npy; Quijote folders and halos.npy too',
  positionals: ['<from>', '[to]'],
  options: {
    column: text('--column <name>', 'the column that goes into a .npy file, which holds one array'),
  },
  async run(options, context, [from, to = options.out]) {
    if (to === undefined) {
      throw new UsageError('expected the file to write', 'got none', `name it after ${from}, or by --out`)
    }
    const { convert: convertFile } = await import('../../io/convert.js')
    const { column, force } = options
    const kinds = await objectKinds()
    const { rows, leftOut } = await convertFile(from, to, { column, force, signal: context.signal, kinds })
    context.print(`${rows} rows in ${to}`)
    if (leftOut.length > 0) context.log.warn(`left out, since ${to} has no place for it: ${leftOut.join(', ')}`)
    context.json({ from, out: to, n: rows, left_out: leftOut })
  },
})
