import { type ExitCode, messageOf, StippleError, UsageError } from '../core/index.js'

/** A program used a tfjs kernel that has no lowering to ONNX. */
export class UnknownOperation extends StippleError {
  constructor(
    readonly operation: string,
    readonly line: string,
    options?: ErrorOptions,
  ) {
    super(
      'expected operations that compile',
      `got '${operation}' at ${line}`,
      'write it with other operations, or add its lowering in engine/kernels',
      options,
    )
  }
}

/** A program looked at the numbers of a tensor that has none yet: it is being traced. */
export class ReadWhileTracing extends StippleError {
  constructor(
    readonly operation: string,
    readonly line: string,
  ) {
    super(
      'expected a program that does not look at values while it is traced',
      `'${operation}' read a tensor at ${line}`,
      'pass the value in as an input of the program, or return it as an output',
    )
  }
}

/** A random draw while tracing would be frozen into the graph: the same numbers on every run. */
export class RandomWhileTracing extends StippleError {
  constructor(
    readonly operation: string,
    readonly line: string,
  ) {
    super(
      'expected a program that draws no random numbers',
      `'${operation}' at ${line}`,
      'draw with a key (core/key) and pass the numbers in as an input of the program',
    )
  }
}

/** An operation that only onnxruntime has (domain com.microsoft) in a model for any runtime. */
export class NotPortable extends StippleError {
  constructor(readonly operation: string) {
    super(
      'expected standard ONNX operators only, since the model is to be exported',
      `got com.microsoft.${operation}`,
      'ask isPortable() where the operation is emitted and use standard operators there',
    )
  }
}

/** Inputs of a run whose tree, shape or type differs from what was compiled. */
export class InputMismatch extends StippleError {
  constructor(
    readonly input: string,
    expected: string,
    got: string,
  ) {
    super(
      `expected ${expected} for input ${input}`,
      `got ${got}`,
      'pass what was compiled for, or compile for this shape',
    )
  }
}

/** The engine was asked for something outside a trace, or inside where it cannot be. */
export class TraceMisuse extends StippleError {}

/** onnxruntime or this machine lacks the device that was asked for. */
export class DeviceUnavailable extends UsageError {
  constructor(
    readonly device: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`expected the device ${device}`, `got none: ${reason}`, 'run `stipple doctor`, or use --device cpu', options)
  }
}

/**
 * A program that was evaluated did not compile or run. It names the program; `cause` is what was thrown, whose exit
 * code it keeps.
 */
export class ProgramFailed extends StippleError {
  override readonly exitCode: ExitCode

  constructor(
    readonly program: string,
    cause: unknown,
  ) {
    const known = cause instanceof StippleError ? cause : undefined
    super(
      known ? `in the program '${program}': ${known.expected}` : `expected the program '${program}' to compile and run`,
      known?.got ?? `got ${messageOf(cause)}`,
      known?.action ?? 'check its inputs: their shapes, and indices within range',
      { cause },
    )
    this.exitCode = known?.exitCode ?? 1
  }
}
