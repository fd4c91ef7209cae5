import { existsSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { DataError } from '../../../core/index.js'
import type { Dwarf } from '../../../io/dwarfs/dwarf.js'
import { checkedDwarf, dwarfs as kind } from '../../../io/dwarfs/index.js'
import { convert, type Hdf5Writer, type NumericArray, writeHdf5 } from '../../../io/index.js'
import { chunksOf, openAllObjects, openObjects, readObjects } from '../../../io/objects/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()
const field = '../shared/data/dwarfs/jeansgnn_example_data.hdf5'
const skip = existsSync(field) ? false : 'no ../shared/data beside the checkout'
const names = ['gamma', 'log10_r_s', 'log10_rho_0', 'log10_r_star', 'beta_0', 'log10_r_a']

const float = (min: number, max: number) => fc.float({ min, max, noNaN: true }).map(x => x + 0)
const floats = (length: number, min: number, max: number) =>
  fc.array(float(min, max), { minLength: length, maxLength: length }).map(values => Float32Array.from(values))

/** Galaxies whose velocities are never all one */
const galaxy: fc.Arbitrary<Dwarf> = fc.integer({ min: 2, max: 7 }).chain(stars =>
  fc.record({
    stars: fc.constant(stars),
    positions: floats(2 * stars, -5, 5),
    velocities: floats(stars, -50, 50).map(v => v.map((value, i) => (i === 0 ? 77 : value))),
    velocityErrors: floats(stars, 0, 5),
    // Two stars of this add up to a member and more
    membership: floats(stars, Math.fround(0.51), 1),
    theta: fc
      .array(fc.double({ min: -3, max: 8, noNaN: true }), { minLength: 6, maxLength: 6 })
      .map(values => Object.fromEntries(names.map((name, i) => [name, values[i] + 0]))),
  }),
)

function joined(galaxies: readonly Dwarf[], of: (dwarf: Dwarf) => Float32Array): Float32Array {
  return Float32Array.from(galaxies.flatMap(dwarf => Array.from(of(dwarf))))
}

function starts(galaxies: readonly Dwarf[]): number[] {
  const out = [0]
  for (const { stars } of galaxies) out.push(out[out.length - 1] + stars)
  return out
}

const int64 = (values: readonly number[]) => BigInt64Array.from(values, BigInt)
const kpc = (shape: readonly number[]) => ({ units: 'kpc', shape })

interface Parts {
  readonly positions?: Float32Array
  readonly velocities?: Float32Array | null
  readonly errors?: Float32Array
  readonly membership?: Float32Array
  readonly offsets?: NumericArray
}

function writeOurs(path: string, galaxies: readonly Dwarf[], parts: Parts = {}): Promise<void> {
  return writeHdf5(path, { attributes: { prior: '{"gamma":[-1,2]}' } }, writer => {
    const positions = parts.positions ?? joined(galaxies, g => g.positions)
    const velocities = parts.velocities ?? joined(galaxies, g => g.velocities)
    writer.write('positions', positions, kpc([positions.length / 2, 2]))
    if (parts.velocities !== null) writer.write('velocities', velocities, { units: 'km/s' })
    writer.write('velocity_errors', parts.errors ?? joined(galaxies, g => g.velocityErrors), { units: 'km/s' })
    const membership = parts.membership ?? joined(galaxies, g => g.membership ?? new Float32Array(0))
    if (membership.length > 0) writer.write('membership', membership, { units: '' })
    writer.write('offsets', parts.offsets ?? int64(starts(galaxies)), { units: '' })
    const theta = Float64Array.from(galaxies.flatMap(g => names.map(name => g.theta[name])))
    writer.write('theta', theta, { units: '', shape: [galaxies.length, 6], attributes: { names } })
  })
}

function writeField(
  path: string,
  galaxies: readonly Dwarf[],
  ptr: readonly number[],
  errorLos?: number,
): Promise<void> {
  const attributes: Record<string, number> = errorLos === undefined ? {} : { error_los: errorLos }
  return writeHdf5(path, { attributes }, (writer: Hdf5Writer) => {
    writer.write(
      'pos',
      joined(galaxies, g => g.positions),
      kpc([starts(galaxies)[galaxies.length], 2]),
    )
    writer.write(
      'vel',
      joined(galaxies, g => g.velocities),
      { units: 'km/s' },
    )
    writer.write(
      'vel_error',
      joined(galaxies, g => g.velocityErrors),
      { units: 'km/s' },
    )
    writer.write('ptr', int64(ptr), { units: '' })
    const labels = Float64Array.from(galaxies.flatMap(g => names.map(name => g.theta[name])))
    writer.write('labels', labels, { units: '', shape: [galaxies.length, 6] })
  })
}

async function all(dwarfs: AsyncIterable<Dwarf>): Promise<Dwarf[]> {
  const out: Dwarf[] = []
  for await (const one of dwarfs) out.push(one)
  return out
}

const read = (path: string, rows?: { readonly from: number; readonly to: number }) => readObjects(kind, path, { rows })
const openDwarfs = (path: string) => openObjects(kind, path)

const plain = ({ theta, ...rest }: Dwarf) => ({ ...rest, theta: { ...theta } })
const without = ({ membership, ...rest }: Dwarf) => plain(rest)

t.test('galaxies in our layout and in that of JeansGNN are those that were written, whole and by chunks', async t => {
  let run = 0
  const some = fc.array(galaxy, { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(some, fc.nat(9), fc.integer({ min: 1, max: 6 }), async (galaxies, from, chunkSize) => {
      const [ours, ends, begins] = ['ours', 'ends', 'begins'].map(name => at(`${name}${run}.h5`))
      run++
      await writeOurs(ours, galaxies)
      await writeField(ends, galaxies, starts(galaxies).slice(1))
      await writeField(begins, galaxies, starts(galaxies))
      t.strictSame((await all(read(ours))).map(plain), galaxies.map(plain))
      const arrow = at(`arrow${run}.arrow`)
      await convert(ours, arrow)
      t.strictSame((await all(read(arrow))).map(plain), galaxies.map(plain))
      const opened = await openDwarfs(arrow)
      opened.close()
      t.equal(opened.totalPoints, starts(galaxies)[galaxies.length])
      t.strictSame((await all(read(ends))).map(plain), galaxies.map(without))
      t.strictSame((await all(read(begins))).map(plain), galaxies.map(without))
      const begin = from % galaxies.length
      t.strictSame(
        (await all(read(ours, { from: begin, to: galaxies.length }))).map(plain),
        galaxies.slice(begin).map(plain),
      )
      const sources = await openAllObjects(kind, [ends, ours])
      const chunks = chunksOf(sources, chunkSize)
      const both = [...galaxies.map(without), ...galaxies.map(plain)]
      const pieces: Dwarf[][] = []
      for (let c = 0; c * chunkSize < chunks.count; c++) pieces.push(await chunks.readChunk(c))
      chunks.close()
      t.strictSame(pieces.flat().map(plain), both)
      t.ok(pieces.every((piece, c) => piece.length === Math.min(chunkSize, both.length - c * chunkSize)))
      const stars = galaxies.map(g => g.stars)
      const total = stars.reduce((a, b) => a + b)
      t.equal(chunks.itemBytes, Math.ceil((20 * total) / stars.length) + 1024)
      for (const { count, totalPoints, mostPoints } of sources)
        t.same([count, totalPoints, mostPoints], [stars.length, total, Math.max(...stars)])
    }),
    { seed: 5, numRuns: 12 },
  )
})

t.test('the prior is read, and the drawn errors of JeansGNN give way to their standard deviation', async t => {
  const [one] = fc.sample(galaxy, { seed: 1, numRuns: 1 })
  await writeOurs(at('prior.h5'), [one])
  const source = await openDwarfs(at('prior.h5'))
  t.same(source.attributes.prior, { gamma: [-1, 2] })
  source.close()
  const signed = { ...one, velocityErrors: one.velocityErrors.map((_, i) => (i % 2 ? -1 : 1)) }
  await writeField(at('signed.h5'), [signed], [one.stars], 2.5)
  const [signless] = await all(read(at('signed.h5')))
  t.ok(signless.velocityErrors.every(error => error === 2.5))
})

t.test('features of dsphs_gnn: x and y first, the velocity last', async t => {
  const galaxies = fc.sample(galaxy, { seed: 2, numRuns: 3 })
  const total = starts(galaxies)[3]
  for (const width of [3, 5, 6]) {
    const features = new Float32Array(total * width).fill(-99)
    joined(galaxies, g => g.positions).forEach((x, i) => {
      features[(i >> 1) * width + (i % 2)] = x
    })
    joined(galaxies, g => g.velocities).forEach((v, i) => {
      features[i * width + width - 1] = v
    })
    const path = at(`features${width}.h5`)
    await writeHdf5(path, { attributes: { verr: [0, 1.5] } }, writer => {
      writer.write('features', features, kpc([total, width]))
      writer.write('ptr', int64(starts(galaxies)), { units: '' })
      writer.write('labels', new Float64Array(6).fill(2), { units: '', shape: [3, 2] })
    })
    const found = await all(read(path))
    t.same(
      found.map(g => [...g.positions]),
      galaxies.map(g => [...g.positions]),
    )
    t.same(
      found.map(g => [...g.velocities]),
      galaxies.map(g => [...g.velocities]),
    )
    t.ok(found.every(g => g.velocityErrors.every(error => error === 1.5) && g.theta.label_1 === 2))
  }
  await writeHdf5(at('features2.h5'), {}, writer => {
    writer.write('features', new Float32Array(8), kpc([4, 2]))
    writer.write('ptr', int64([0, 4]), { units: '' })
  })
  await t.rejects(openDwarfs(at('features2.h5')), { name: 'DataError', message: /features \[N, 3\].*; got 2 columns/ })
})

t.test('the example file of JeansGNN: 100 galaxies of about 100 stars each', { skip }, async t => {
  const source = await openDwarfs(field)
  t.same([source.format, source.count, source.totalPoints, source.mostPoints], ['jeansgnn', 100, 10010, 124])
  t.same(source.names, names)
  const galaxies = await all(source.read(0, 100))
  source.close()
  t.equal(galaxies[0].stars, 85)
  t.ok(
    galaxies.every(
      ({ theta }) => theta.log10_rho_0 > 5 && theta.log10_rho_0 < 8 && theta.gamma > -1 && theta.gamma < 2,
    ),
  )
})

t.test('bad files are refused in one clear line', async t => {
  const [a, b] = fc.sample(galaxy, { seed: 3, numRuns: 2 })
  const galaxies = [a, b]
  const total = a.stars + b.stars
  const changed = (values: Float32Array, index: number, value: number) =>
    values.map((v, i) => (i === index ? value : v))
  const cases: Record<string, readonly [Parts, RegExp]> = {
    'no velocities': [
      { velocities: null },
      /line-of-sight velocities \(velocities \[N\], km\/s\) in .*; got .*positions/,
    ],
    'all velocities equal': [
      { velocities: new Float32Array(total).fill(12) },
      /velocities that differ in .*galaxy 0; got 12 km\/s for all/,
    ],
    'errors negative': [
      {
        errors: changed(
          joined(galaxies, g => g.velocityErrors),
          a.stars + 1,
          -2,
        ),
      },
      /errors .* of 0 or more in .*galaxy 1; got -2 at star 1/,
    ],
    'errors NaN': [
      {
        errors: changed(
          joined(galaxies, g => g.velocityErrors),
          0,
          Number.NaN,
        ),
      },
      /errors .* in .*galaxy 0; got NaN at star 0/,
    ],
    'NaN positions': [
      {
        positions: changed(
          joined(galaxies, g => g.positions),
          3,
          Number.NaN,
        ),
      },
      /finite positions \(kpc\) in .*galaxy 0; got NaN at star 1/,
    ],
    'NaN velocities': [
      {
        velocities: changed(
          joined(galaxies, g => g.velocities),
          a.stars,
          Number.NaN,
        ),
      },
      /finite velocities \(km\/s\) in .*galaxy 1; got NaN at star 0/,
    ],
    'offsets that decrease': [
      { offsets: int64([0, total, a.stars]) },
      /rising offsets in .*; got \d+ after \d+ at object 1/,
    ],
    'offsets that overrun': [
      { offsets: int64([0, a.stars, total + 4]) },
      /the last offset in .* to be the number of rows.*; got \d+/,
    ],
    'one star': [{ offsets: int64([0, 1, total]) }, /two stars or more in .*galaxy 0; got one star/],
    'membership beyond 1': [
      { membership: new Float32Array(total).fill(1.5) },
      /membership probabilities in \[0, 1\] in .*galaxy 0; got 1.5 at star 0/,
    ],
    'no members': [{ membership: new Float32Array(total) }, /a star with a membership probability above 0/],
    'one member': [
      { membership: Float32Array.from({ length: total }, (_, i) => (i < a.stars || i === a.stars + 1 ? 0.9 : 0)) },
      /at least two member stars in .*galaxy 1; got probabilities of membership that add up to 0\.9; omit this galaxy/,
    ],
    'columns of other lengths': [{ velocities: new Float32Array(total + 1).fill(1) }, /expected velocities \[\d+\]/],
  }
  for (const [name, [parts, message]] of Object.entries(cases)) {
    const path = at(`${name.replaceAll(' ', '_')}.h5`)
    await writeOurs(path, galaxies, parts)
    await t.rejects(all(read(path)), { name: 'DataError', message }, name)
  }
  await t.rejects(openDwarfs(at('nowhere.h5')), DataError)
  const stars = Array.from({ length: 12 }, (_, i) => i)
  const fornax = {
    positions: Float32Array.from(stars.flatMap(i => [40 + 0.2 * Math.sin(i), -34.5 + 0.2 * Math.cos(i)])),
    velocities: Float32Array.from(stars, i => 50 + i),
    velocityErrors: Float32Array.from(stars, () => 1),
    theta: {},
  }
  t.throws(() => checkedDwarf('F.h5, galaxy 3', fornax), /positions in kpc .* in F.h5, galaxy 3; .*looks like degrees/)
})
