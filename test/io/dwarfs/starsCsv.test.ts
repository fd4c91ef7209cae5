import { writeFileSync } from 'node:fs'
import t from 'tap'
import { readStarsCsv } from '../../../io/index.js'
import { temporaryFolder } from '../temporary.js'

const at = temporaryFolder()
let count = 0

function table(lines: readonly string[]): string {
  const path = at(`stars${count++}.csv`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** Ten stars about Fornax */
const sky = Array.from({ length: 10 }, (_, i) => [
  39.96 + 0.1 * Math.sin(i),
  -34.5 + 0.1 * Math.cos(2 * i),
  55 + 3 * i,
  1.5,
])
const rows = (of: readonly (readonly number[])[]) => of.map(row => row.join(','))
const withCell = (star: number, column: number, value: number | string) =>
  sky.map((row, i) => (i === star ? row.map((cell, c) => (c === column ? value : cell)) : row).join(','))

t.test('columns in any order, among others and texts, apart by commas, semicolons or tabs', async t => {
  for (const sign of [',', ';', '\t']) {
    const lines = sky.map(([ra, dec, v, e], i) => [`star ${i}`, v, dec, ra, 0.5, e].join(sign))
    const path = table(['# Fornax', ['id', 'v_los', 'DEC', 'RA', 'P_member', 'v_err'].join(sign), '', ...lines])
    const stars = await readStarsCsv(path)
    t.equal(stars.coordinates, 'sky')
    t.equal(stars.stars, 10)
    t.same(
      Array.from(stars.first, (ra, i) => [ra, stars.second[i], stars.velocities[i], stars.velocityErrors[i]]),
      sky,
    )
    t.same([...(stars.membership ?? [])], Array(10).fill(0.5))
  }
})

t.test('places in kpc need no sky', async t => {
  const stars = await readStarsCsv(table(['x,y,v_los,v_err', '0.1,0.2,3,1', '-0.4,0.5,6,0']))
  t.equal(stars.coordinates, 'plane')
  t.same([...stars.first, ...stars.second], [0.1, -0.4, 0.2, 0.5])
  t.equal(stars.membership, undefined)
})

const skyHeader = 'ra,dec,v_los,v_err'
const refused: Record<string, readonly [readonly string[], RegExp]> = {
  'an empty file': [[''], /expected a csv of stars at .*; got an empty file/],
  'no stars': [[skyHeader], /expected two stars or more in .*; got none/],
  'one star': [[skyHeader, ...rows(sky.slice(0, 1))], /expected two stars or more in .*; got one star/],
  'no velocities': [
    ['ra,dec,v_err', '1,2,3', '1,2,3'],
    /expected a column v_los \(km\/s, .*; got ra, dec, v_err; name the columns/,
  ],
  'velocities by another name': [
    ['ra,dec,Vlos,v_err', ...rows(sky)],
    /expected a column v_los .*; got ra, dec, Vlos, v_err; rename the column Vlos to v_los/,
  ],
  'no errors': [['ra,dec,v_los', '1,2,3', '1,2,4'], /expected a column v_err/],
  'no places': [['v_los,v_err', '1,2', '2,2'], /expected a column ra in/],
  'no header': [rows(sky), /put the names of the columns first/],
  'all velocities equal': [
    [skyHeader, ...sky.map(([a, b]) => `${a},${b},55,1`)],
    /velocities that differ in .*; got 55 km\/s for all 10/,
  ],
  'an error that is negative': [
    [skyHeader, ...withCell(3, 3, -1)],
    /errors \(km\/s\) of 0 or more in .*; got -1 at line 5/,
  ],
  'an error that is NaN': [
    [skyHeader, ...withCell(3, 3, 'nan')],
    /finite number in column v_err, line 5 of .*; got nan/,
  ],
  'an empty place': [
    [skyHeader, ...withCell(0, 1, '')],
    /finite number in column dec, line 2 of .*; got an empty cell/,
  ],
  'hours and minutes': [
    [skyHeader, ...withCell(0, 0, '02:39:51')],
    /column ra, line 2 .*; got 02:39:51; write degrees as decimal/,
  ],
  'right ascension beyond the circle': [
    [skyHeader, ...withCell(9, 0, 612)],
    /ra in degrees, -180 to 360, .*; got 612 at line 11/,
  ],
  'declination beyond the pole': [
    [skyHeader, ...withCell(2, 1, -97)],
    /dec in degrees, -90 to 90, .*; got -97 at line 4/,
  ],
  'degrees where kpc are expected': [
    ['x,y,v_los,v_err', ...rows(sky)],
    /positions in kpc .* got 39.*looks like degrees.*name the columns ra and dec/,
  ],
  'parsecs where kpc are expected': [
    ['x,y,v_los,v_err', ...sky.map((row, i) => [900 * Math.sin(i), 800 * Math.cos(3 * i), row[2], 1].join(','))],
    /expected positions in kpc in .*looks like parsecs/,
  ],
  'velocities in m/s': [
    [skyHeader, ...sky.map(([a, b, v]) => `${a},${b},${1000 * v},900`)],
    /velocities in km\/s in .*looks like m\/s/,
  ],
  'a probability beyond 1': [
    [`${skyHeader},p_member`, ...sky.map((row, i) => `${row.join(',')},${i === 4 ? 1.2 : 1}`)],
    /membership probabilities in \[0, 1\] in .*; got 1.2 at line 6/,
  ],
  'no members': [
    [`${skyHeader},p_member`, ...sky.map(row => `${row.join(',')},0`)],
    /a star with a membership probability above 0/,
  ],
  'a line of another length': [[skyHeader, ...rows(sky), '1,2,3'], /expected 4 cells in line 12 of .*; got 3/],
  'two columns of one name': [['ra,dec,v_los,v_los,v_err', '1,2,3,4,5'], /expected one column v_los/],
}

t.test('bad tables are refused in one clear line', async t => {
  for (const [name, [lines, message]] of Object.entries(refused)) {
    await t.rejects(readStarsCsv(table(lines)), { name: 'DataError', message }, name)
  }
  await t.rejects(readStarsCsv(at('nowhere.csv')), { name: 'DataError' })
})
