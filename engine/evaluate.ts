import { type ArrayValue, promiseCache, type Tree, UsageError } from '../core/index.js'
import { type Compiled, type CompileOptions, compile } from './compile.js'
import { ProgramFailed } from './errors.js'
import { isHeld, isOrt, isValue, shapesText, specsOf, toArray, type Value } from './model.js'
import type { Program, Spec } from './trace/trace.js'
import { type LeavesAs, mapTree, withoutAbsent } from './tree.js'

/** What a program may be given for a tensor: flat values with their shape, a tensor of onnxruntime, or a number. */
export type Evaluable = Value | number

/** What is passed for each parameter of a program: the parameter's own tree, with values for tensors. */
export type EvaluableInputs<Inputs extends readonly unknown[]> = {
  readonly [K in keyof Inputs]: LeavesAs<Inputs[K], Evaluable>
}

/** A program that is compiled once for each set of input shapes, when they first come. */
export interface Evaluator<Inputs extends readonly unknown[], Result> {
  /**
   * Runs the program. The result has the form that the program returns, with `{ shape, values }` for tensors.
   *
   * @param inputs one tree a parameter of the program; a number is a scalar of float32. Parameters of a network that
   *   stay the same from call to call are best passed as `toOrtTree(params)`, made once: they are used where they lie,
   *   and their shapes read once.
   * @throws {ProgramFailed} where the program does not compile or run; it names the program
   */
  run(...inputs: EvaluableInputs<Inputs>): Promise<LeavesAs<Result, ArrayValue>>
  /** Waits for runs under way, then releases all that was compiled. */
  close(): Promise<void>
}

/**
 * An evaluator of a tfjs program. Shapes are static in a compiled program, so each new set of input shapes and types is
 * compiled, and kept until `close`: pad what varies to a few sizes. Calls made at once share one compilation; one that
 * fails is not kept.
 *
 * ```ts
 * const program = (p: Tree<Tensor>, z: Tensor) => ({ ...network.draw(p, z) })
 * const flow = makeEvaluator(program, { name: 'draws', threads: 1 })
 * const { theta } = await flow.run(toOrtTree(params), { shape: [100, 2], values: normal(key, 200) })
 * theta.shape // [100, 2]
 * await flow.close()
 * ```
 *
 * @param options.name the program's name in errors and profiles; default the name of the function
 */
export function makeEvaluator<Inputs extends readonly unknown[], Result>(
  program: (...inputs: Inputs) => Result,
  options: CompileOptions = {},
): Evaluator<Inputs, Result> {
  const name = options.name ?? (program.name === '' ? 'program' : program.name)
  const compiled = compiledByShape(program as unknown as Program, { ...options, name })
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  async function evaluated(inputs: readonly unknown[]): Promise<unknown> {
    const values = inputs.map(valuesOf)
    try {
      const ready = await compiled.programFor(...values)
      return mapTree(await ready.run(...values), isOrt, toArray)
    } catch (error) {
      throw new ProgramFailed(name, error)
    }
  }
  return {
    async run(...inputs) {
      if (isClosed) {
        throw new UsageError(
          `expected an open evaluator of '${name}'`,
          'got one that was closed',
          'close it after its last run',
        )
      }
      const run = evaluated(inputs)
      underWay.add(run)
      try {
        return (await run) as LeavesAs<Result, ArrayValue>
      } finally {
        underWay.delete(run)
      }
    },
    async close() {
      isClosed = true
      await Promise.allSettled(underWay)
      await compiled.release()
    },
  }
}

const evaluators = new WeakMap<object, Evaluator<readonly unknown[], unknown>>()

/**
 * Runs a tfjs program on plain values, on all threads of onnxruntime. It is compiled once for each set of shapes and
 * kept as long as the function lives. So pass a function that stays: one written in place is another at each call, and
 * compiled at each. A program with options of its own, or one to be released, wants `makeEvaluator`.
 *
 * ```ts
 * const norm = (x: Tensor) => x.square().sum().sqrt()
 * const { values } = await evaluate(norm, { shape: [2], values: Float32Array.of(3, 4) }) // [5]
 * ```
 *
 * @throws {ProgramFailed} where the program does not compile or run; it names the program
 */
export function evaluate<Inputs extends readonly unknown[], Result>(
  program: (...inputs: Inputs) => Result,
  ...inputs: EvaluableInputs<Inputs>
): Promise<LeavesAs<Result, ArrayValue>> {
  const known = evaluators.get(program) as Evaluator<Inputs, Result> | undefined
  const evaluator = known ?? makeEvaluator(program)
  if (known === undefined) evaluators.set(program, evaluator as unknown as Evaluator<readonly unknown[], unknown>)
  return evaluator.run(...inputs)
}

/** The compilations of one program, by the shapes and types of its inputs. */
export interface CompiledByShape {
  /** Compiled for the shapes of these inputs, or of inputs like them. */
  programFor(...inputs: readonly Tree<Value | Spec>[]): Promise<Compiled>
  release(): Promise<void>
}

/** Compiles a program when a set of shapes first comes, and keeps it; what fails is not kept. */
export function compiledByShape(program: Program, options: CompileOptions): CompiledByShape {
  const programs = promiseCache<string, Compiled>()
  return {
    programFor(...inputs) {
      return programs.get(inputs.map(shapesText).join(), () => compile(program, inputs.map(specsOf), options))
    },
    release: () => programs.clear(program => program.release()),
  }
}

const isEvaluable = (node: unknown): node is Evaluable => typeof node === 'number' || isValue(node)

/** An input as a program takes it; parameters held by `toOrtTree` pass as they are. */
function valuesOf(input: unknown): Tree<Value> {
  if (isHeld(input)) return input as Tree<Value>
  return mapTree(withoutAbsent(input as Tree<Evaluable>), isEvaluable, asValue)
}

const asValue = (leaf: Evaluable): Value =>
  typeof leaf === 'number' ? { shape: [], values: Float32Array.of(leaf) } : leaf
