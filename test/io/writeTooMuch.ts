import { createArrow, writeAtomic, writeCsv, writeHdf5, writeNpy } from '../../io/index.js'

/**
 * Run as a program by diskFull.test.ts: writes more than it may in every format, below the folder of its argument, and
 * prints the errors as JSON.
 */
const [folder] = process.argv.slice(2)
const values = Float32Array.from({ length: 200_000 }, (_, i) => Math.sin(i * i))

const writers: Readonly<Record<string, (path: string) => void | Promise<void>>> = {
  bytes: path => writeAtomic(path, new Uint8Array(800_000)),
  hdf5: path => writeHdf5(path, {}, writer => writer.write('x', values, { units: '' })),
  'hdf5 at close': path =>
    writeHdf5(path, {}, writer => writer.write('x', values, { units: '', gzip: 0, chunkRows: 200_000 })),
  arrow: path => {
    const writer = createArrow(path, [{ name: 'x', dtype: 'f4' }])
    writer.append({ x: values }, values.length)
    writer.close()
  },
  npy: path => writeNpy(path, values),
  csv: path => writeCsv(path, { x: values }),
}

const errors: Record<string, { name: string; message: string }> = {}
for (const [format, write] of Object.entries(writers)) {
  try {
    await write(`${folder}/${format}`)
    errors[format] = { name: 'none', message: '' }
  } catch (error) {
    const { name, message } = error as Error
    errors[format] = { name, message }
  }
}
console.log(JSON.stringify(errors))
