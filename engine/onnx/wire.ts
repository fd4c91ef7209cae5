/**
 * Protocol-buffer wire format, as much as ONNX models need: varints, fixed floats and length-delimited fields
 * (https://protobuf.dev/programming-guides/encoding). Messages nest by length, so a writer collects its chunks and
 * joins them once.
 */
export class Wire {
  private readonly chunks: Uint8Array[] = []
  private length = 0

  /** `int64`, `int32`, `enum` and `bool` fields; negative values take their two's complement in ten bytes. */
  int(field: number, value: number | bigint): this {
    return this.push(varint(field << 3)).push(varint(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.push(varint((field << 3) | 5)).push(bytes)
  }

  bytes(field: number, bytes: Uint8Array): this {
    return this.push(varint((field << 3) | 2))
      .push(varint(bytes.length))
      .push(bytes)
  }

  text(field: number, text: string): this {
    return this.bytes(field, new TextEncoder().encode(text))
  }

  message(field: number, message: Wire): this {
    this.push(varint((field << 3) | 2)).push(varint(message.length))
    for (const chunk of message.chunks) this.push(chunk)
    return this
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length)
    let at = 0
    for (const chunk of this.chunks) {
      out.set(chunk, at)
      at += chunk.length
    }
    return out
  }

  private push(chunk: Uint8Array): this {
    this.chunks.push(chunk)
    this.length += chunk.length
    return this
  }
}

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}
