import type { Tensor } from '@tensorflow/tfjs'
import * as tf from '@tensorflow/tfjs'
import { type ArrayValue, type Key, normal } from '../../core/index.js'
import type { LogSnrEnds, Schedule } from './schedules.js'

/** log SNR and its slope at the times of a batch, both `[batch]`. */
export interface LevelTensors {
  readonly logSnr: Tensor
  readonly slope: Tensor
}

/** log SNR at t = 0 and t = 1, scalars. */
export interface EndTensors {
  readonly most: Tensor
  readonly least: Tensor
}

/** A straight line whose ends are learned: `fall` goes through softplus, so it always falls. */
export type LinearParams<T> = { readonly most: T; readonly fall: T }

/**
 * The monotone network of Kingma et al. 2021, arXiv 2107.00630, appendix H: f(t) = a t + c . sigmoid(w t + b) with a, c
 * and w positive by softplus (three layers there, of which the first has one unit and folds into w and b), then scaled
 * so that its ends are `most` and `most - fall`.
 */
export type MonotoneParams<T> = LinearParams<T> & {
  readonly straight: T
  readonly scales: T
  readonly weights: T
  readonly biases: T
}

export function initLinear({ most, least }: LogSnrEnds): LinearParams<ArrayValue> {
  return { most: scalar(most), fall: scalar(inverseSoftplus(most - least)) }
}

/** Begins close to the straight line, `hidden` bends spread over [0, 1]. */
export function initMonotone(key: Key, ends: LogSnrEnds, hidden = 64): MonotoneParams<ArrayValue> {
  const jitter = normal(key, hidden)
  const steepness = 10
  const center = (i: number) => (i + 0.5 + 0.1 * jitter[i]) / hidden
  return {
    ...initLinear(ends),
    straight: scalar(inverseSoftplus(1)),
    scales: vector(hidden, () => inverseSoftplus(1 / hidden)),
    weights: vector(hidden, () => inverseSoftplus(steepness)),
    biases: vector(hidden, i => -steepness * center(i)),
  }
}

export function endsOf(params: LinearParams<Tensor>): EndTensors {
  return { most: params.most, least: tf.sub(params.most, tf.softplus(params.fall)) }
}

/** In a program: t `[batch]`. */
export function linearLevel(params: LinearParams<Tensor>, t: Tensor): LevelTensors {
  const fall = tf.softplus(params.fall)
  return { logSnr: tf.sub(params.most, tf.mul(fall, t)), slope: tf.mul(tf.neg(fall), tf.onesLike(t)) }
}

/** In a program: t `[batch]`. The slope is written out, so that one reverse pass is enough to train through it. */
export function monotoneLevel(params: MonotoneParams<Tensor>, t: Tensor): LevelTensors {
  const straight = tf.softplus(params.straight)
  const scales = tf.reshape(tf.softplus(params.scales), [1, -1])
  const weights = tf.reshape(tf.softplus(params.weights), [1, -1])
  const biases = tf.reshape(params.biases, [1, -1])
  const column = tf.reshape(t, [-1, 1])
  const bends = tf.sigmoid(tf.add(tf.mul(column, weights), biases))
  const atStart = tf.sigmoid(biases)
  const rise = tf.add(tf.mul(t, straight), tf.sum(tf.mul(scales, tf.sub(bends, atStart)), 1))
  const steep = tf.sum(tf.mul(tf.mul(scales, weights), tf.mul(bends, tf.sub(1, bends))), 1)
  const whole = tf.add(straight, tf.sum(tf.mul(scales, tf.sub(tf.sigmoid(tf.add(weights, biases)), atStart))))
  const fall = tf.div(tf.softplus(params.fall), whole)
  return { logSnr: tf.sub(params.most, tf.mul(fall, rise)), slope: tf.neg(tf.mul(fall, tf.add(straight, steep))) }
}

/** The learned schedule outside a program, for samplers. */
export function learnedSchedule(params: LinearParams<ArrayValue> | MonotoneParams<ArrayValue>): Schedule {
  const most = params.most.values[0]
  const drop = softplus(params.fall.values[0])
  if (!('scales' in params)) return { name: 'learned linear', logSnr: t => most - drop * t, slope: () => -drop }
  const straight = softplus(params.straight.values[0])
  const scales = Array.from(params.scales.values, softplus)
  const weights = Array.from(params.weights.values, softplus)
  const biases = Array.from(params.biases.values)
  const sigmoid = (u: number) => 1 / (1 + Math.exp(-u))
  const total = (f: (i: number) => number) => scales.reduce((sum, scale, i) => sum + scale * f(i), 0)
  const rise = (t: number) => straight * t + total(i => sigmoid(weights[i] * t + biases[i]) - sigmoid(biases[i]))
  const fall = drop / rise(1)
  return {
    name: 'learned monotone',
    logSnr: t => most - fall * rise(t),
    slope: t => {
      const steep = total(i => {
        const bend = sigmoid(weights[i] * t + biases[i])
        return weights[i] * bend * (1 - bend)
      })
      return -fall * (straight + steep)
    },
  }
}

function scalar(value: number): ArrayValue {
  return { shape: [], values: Float32Array.of(value) }
}

function vector(length: number, at: (i: number) => number): ArrayValue {
  return { shape: [length], values: Float32Array.from({ length }, (_, i) => at(i)) }
}

function softplus(u: number): number {
  return u > 0 ? u + Math.log1p(Math.exp(-u)) : Math.log1p(Math.exp(u))
}

function inverseSoftplus(y: number): number {
  return y + Math.log(-Math.expm1(-y))
}
