import { UsageError } from '../../core/index.js'
import type { GalaxiesModel } from './model.js'

/** How large the drawn fields are. */
export interface SampleSize {
  /** Mpc/h */
  readonly box: number
  /** drawn by the score */
  readonly points: number
  /** the heaviest so many of them are kept; absent where all are */
  readonly heaviest?: number
}

/**
 * How far the number density may lie from that of training. The score counts neighbours: of 5 per cent more or fewer
 * points than it knows it makes a correlation function 3 per cent higher or lower, where the heaviest halos' own falls
 * or rises by 3.
 */
const tolerance = 0.05

/**
 * Box and number of points from --box and --points: by default the box of training, and points in proportion to the
 * volume. Fewer points are the heaviest of a whole field, where the model knows masses.
 *
 * @throws UsageError where the model knows nothing of that box or density
 */
export function sampleSize(
  model: GalaxiesModel,
  asked: { readonly box?: number; readonly points?: number },
): SampleSize {
  const box = asked.box ?? model.box
  requireBox(model, box)
  const points = Math.round(meanPoints(model) * (box / model.box) ** 3)
  if (points < 2)
    throw new UsageError(
      'expected a --box that holds halos',
      `got ${box} Mpc/h, ${points} halos`,
      'choose a larger box',
    )
  const wanted = asked.points ?? points
  if (wanted === points) return { box, points }
  const [least, most] = knownPoints(model, box)
  if (wanted < points && model.marks) return { box, points, heaviest: wanted }
  if (wanted >= least && wanted <= most) return { box, points: wanted }
  throw new UsageError(
    `expected --points ${points}${most > least ? ` (${least} to ${most})` : ''}, the number density that the model was trained at, in a box of ${box} Mpc/h`,
    `got ${wanted}`,
    wanted > points ? 'draw fewer, or in a larger --box' : 'draw more, or in a smaller --box',
  )
}

function requireBox(model: GalaxiesModel, box: number): void {
  if (box === model.box) return
  if (model.config.network.kind === 'transformer') {
    throw new UsageError(
      `expected --box ${model.box}, the box that the model's transformer was trained in`,
      `got ${box}`,
      'draw in that box, or train another network',
    )
  }
  const least = 4 * (model.marks?.basis.reach ?? 0)
  if (box < least) {
    throw new UsageError(
      `expected a --box of at least ${least} Mpc/h, for the surroundings that masses and velocities depend on`,
      `got ${box}`,
      'choose a larger box',
    )
  }
  const reach = Math.max(model.pairs?.basis.reach ?? 0, model.ladder?.basis.reach ?? 0)
  if (box > reach) return
  throw new UsageError(
    `expected a --box of more than ${reach} Mpc/h, within which the halos of the model see each other`,
    `got ${box}`,
    'choose a larger box',
  )
}

function meanPoints({ normalisation, points }: GalaxiesModel): number {
  return normalisation.points?.mean ?? points
}

function knownPoints({ normalisation, points, box }: GalaxiesModel, side: number): readonly [number, number] {
  const { min, max } = normalisation.points ?? { min: points, max: points }
  const volumes = (side / box) ** 3
  return [Math.max(2, Math.ceil(min * volumes * (1 - tolerance))), Math.floor(max * volumes * (1 + tolerance))]
}
