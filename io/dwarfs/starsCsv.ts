import { DataError } from '../../core/index.js'
import { csvRows } from '../csv.js'
import { requireMembership, requireStars, requireVelocities } from './check.js'
import { requireKmPerSecond, requireKpc, requireSky } from './units.js'

/** Stars as a table gives them, checked, one entry a star. */
export interface StarTable {
  readonly path: string
  readonly stars: number
  /** `sky`: degrees of right ascension and declination; `plane`: kpc on the tangent plane, x to the east */
  readonly coordinates: 'sky' | 'plane'
  /** `ra` or `x` */
  readonly first: Float64Array
  /** `dec` or `y` */
  readonly second: Float64Array
  /** km/s along the line of sight */
  readonly velocities: Float64Array
  /** km/s, one standard deviation */
  readonly velocityErrors: Float64Array
  /** Probability that a star belongs to the galaxy; absent where the table has no `p_member` */
  readonly membership?: Float64Array
}

const skyColumns = ['ra', 'dec'] as const
const planeColumns = ['x', 'y'] as const

/** What others call our columns: for a table with one of these names the error says which to rename. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  ra: ['raj2000', 'radeg', 'rightascension', 'alpha', 'ra2000'],
  dec: ['de', 'dej2000', 'decdeg', 'declination', 'delta', 'dec2000'],
  x: ['xkpc', 'xi', 'posx', 'positionsx'],
  y: ['ykpc', 'eta', 'posy', 'positionsy'],
  v_los: [
    'vlos',
    'v',
    'vel',
    'velocity',
    'velocities',
    'rv',
    'vr',
    'vrad',
    'vhelio',
    'hrv',
    'radialvelocity',
    'vloskms',
  ],
  v_err: [
    'verr',
    'evlos',
    'vloserr',
    'vloserror',
    'velerr',
    'velerror',
    'velocityerrors',
    'everr',
    'erv',
    'rverr',
    'sigmav',
  ],
  p_member: ['pmember', 'pmem', 'p', 'prob', 'probability', 'membership', 'pmembership', 'memberprob'],
}

/**
 * A csv of stars with a header: `ra dec v_los v_err [p_member]` (degrees, km/s) or `x y v_los v_err [p_member]` (kpc,
 * km/s), in any order, among any other columns; apart by commas, semicolons or tabs.
 *
 * @throws DataError that names the line: a missing column (with the nearest that is there), no stars, cells that are no
 *   numbers, errors that are negative, velocities that are all one, units that look wrong
 */
export async function readStarsCsv(path: string, signal?: AbortSignal): Promise<StarTable> {
  const separator = await separatorOf(path, signal)
  let columns: readonly number[] | undefined
  let wanted: readonly string[] = []
  const lines: number[] = []
  let values: number[][] = []
  let width = 0
  for await (const { line, cells } of csvRows(path, { separator, signal })) {
    if (!columns) {
      wanted = wantedOf(path, cells)
      const names = cells.map(plainName)
      columns = wanted.map(name => names.indexOf(name))
      values = wanted.map(() => [])
      width = cells.length
      continue
    }
    if (cells.length !== width) {
      throw new DataError(
        `expected ${width} cells in line ${line} of ${path}`,
        `got ${cells.length}`,
        'correct that line',
      )
    }
    for (const [i, column] of columns.entries()) values[i].push(numberOf(path, line, wanted[i], cells[column]))
    lines.push(line)
  }
  if (!columns) {
    throw new DataError(`expected a csv of stars at ${path}`, 'got an empty file', 'begin with ra,dec,v_los,v_err')
  }
  requireStars(path, lines.length)
  const table = values.map(column => Float64Array.from(column))
  const [first, second, velocities, velocityErrors, membership] = table
  const at = (star: number) => `line ${lines[star]}`
  const coordinates = wanted[0] === 'ra' ? 'sky' : 'plane'
  requireVelocities(path, velocities, velocityErrors, at)
  requireKmPerSecond(path, velocities)
  if (membership) requireMembership(path, membership, at)
  if (coordinates === 'sky') requireSky(path, first, second, at)
  else requireKpc(path, interleaved(first, second), at)
  const stars = lines.length
  return { path, stars, coordinates, first, second, velocities, velocityErrors, ...(membership && { membership }) }
}

/** The separator of the first line that is not a comment: of three the one that occurs most. */
async function separatorOf(path: string, signal?: AbortSignal): Promise<string> {
  for await (const { cells } of csvRows(path, { separator: '\0', signal })) {
    const header = cells[0]
    const count = (sign: string) => header.split(sign).length
    return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
  }
  return ','
}

/** The columns to read, in the order place, place, velocity, error, membership. */
function wantedOf(path: string, header: readonly string[]): readonly string[] {
  const names = header.map(plainName)
  const twice = names.find((name, i) => name in aliases && names.indexOf(name) < i)
  if (twice !== undefined) {
    throw new DataError(`expected one column ${twice} in ${path}`, 'got two', 'rename one of them')
  }
  const has = (name: string) => names.includes(name)
  const places = planeColumns.some(has) && !skyColumns.some(has) ? planeColumns : skyColumns
  const optional = has('p_member') ? ['p_member'] : []
  const needed = [...places, 'v_los', 'v_err']
  const missing = needed.find(name => !has(name))
  if (missing === undefined) return [...needed, ...optional]
  const near = header.find((_, i) => aliases[missing].includes(names[i].replaceAll(/[^a-z0-9]/g, '')))
  const unit = { v_los: ' (km/s, along the line of sight)', v_err: ' (km/s, one sigma)' }[missing] ?? ''
  const numbers = header.every(cell => cell.trim() !== '' && Number.isFinite(Number(cell)))
  const action = numbers
    ? 'put the names of the columns first: ra,dec,v_los,v_err or x,y,v_los,v_err'
    : near === undefined
      ? 'name the columns ra,dec,v_los,v_err[,p_member] or x,y,v_los,v_err[,p_member]'
      : `rename the column ${near.trim()} to ${missing}, if that is what it holds`
  const got = header
    .slice(0, 10)
    .map(cell => cell.trim())
    .join(', ')
  throw new DataError(`expected a column ${missing}${unit} in ${path}`, `got ${got || 'none'}`, action)
}

function plainName(cell: string): string {
  return cell.replace(/^#/, '').trim().toLowerCase()
}

function numberOf(path: string, line: number, name: string, cell: string): number {
  const text = cell.trim()
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && !/^0[xob]/i.test(text)) return value
  const hint = /^[-+]?\d+[:h ]/.test(text) ? 'write degrees as decimal numbers' : 'correct or omit that star'
  const got = text === '' ? 'an empty cell' : text.slice(0, 40)
  throw new DataError(`expected a finite number in column ${name}, line ${line} of ${path}`, `got ${got}`, hint)
}

function interleaved(first: Float64Array, second: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * first.length }, (_, i) => (i % 2 === 0 ? first[i >> 1] : second[i >> 1]))
}
