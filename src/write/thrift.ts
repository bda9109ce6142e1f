/**
 * Writer of the Thrift compact protocol: page headers and the Parquet footer.
 * Numbers are safe integers throughout; a file of more than 2^52 bytes is not our business.
 */
import { ByteBuffer } from './bytes.js'

/** Element types as lists name them; the numbers are the protocol's. */
export const THRIFT = { bool: 1, i8: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

export class ThriftWriter {
  readonly #out = new ByteBuffer()
  /** The last field id of each open struct: ids are written as differences. */
  readonly #last: number[] = []

  reset(): this {
    this.#out.length = 0
    this.#last.length = 0
    return this
  }

  get length(): number {
    return this.#out.length
  }

  /** A view, not a copy: valid until the next write. */
  get bytes(): Uint8Array {
    return this.#out.view
  }

  /** A struct without a field id: the outermost one, or an element of a list. */
  element(body: () => void) {
    this.#last.push(0)
    body()
    this.#out.push(0)
    this.#last.pop()
  }

  struct(field: number, body: () => void) {
    this.#field(field, THRIFT.struct)
    this.element(body)
  }

  bool(field: number, value: boolean) {
    this.#field(field, value ? 1 : 2)
  }

  i8(field: number, value: number) {
    this.#field(field, THRIFT.i8)
    this.#out.push(value & 0xff)
  }

  i16(field: number, value: number) {
    this.#field(field, THRIFT.i16)
    this.#zigzag(value)
  }

  i32(field: number, value: number) {
    this.#field(field, THRIFT.i32)
    this.#zigzag(value)
  }

  i64(field: number, value: number) {
    this.#field(field, THRIFT.i64)
    this.#zigzag(value)
  }

  binary(field: number, value: string | Uint8Array) {
    this.#field(field, THRIFT.binary)
    this.#binary(value)
  }

  structs<T>(field: number, items: readonly T[], body: (item: T) => void) {
    this.#list(field, THRIFT.struct, items.length)
    for (const item of items) this.element(() => body(item))
  }

  i32s(field: number, values: readonly number[]) {
    this.#list(field, THRIFT.i32, values.length)
    for (const value of values) this.#zigzag(value)
  }

  binaries(field: number, values: readonly string[]) {
    this.#list(field, THRIFT.binary, values.length)
    for (const value of values) this.#binary(value)
  }

  /** A list of structs whose bytes were made by another writer's `element`. */
  writtenStructs(field: number, count: number, bytes: Uint8Array) {
    this.#list(field, THRIFT.struct, count)
    this.#out.append(bytes)
  }

  #list(field: number, type: number, count: number) {
    this.#field(field, THRIFT.list)
    if (count < 15) this.#out.push((count << 4) | type)
    else {
      this.#out.push(0xf0 | type)
      this.#varint(count)
    }
  }

  #field(field: number, type: number) {
    const delta = field - this.#last[this.#last.length - 1]!
    if (delta > 0 && delta < 16) this.#out.push((delta << 4) | type)
    else {
      this.#out.push(type)
      this.#zigzag(field)
    }
    this.#last[this.#last.length - 1] = field
  }

  #binary(value: string | Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    this.#varint(bytes.length)
    this.#out.append(bytes)
  }

  #zigzag(value: number) {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** Division and not shifts: shifts would cut the value to 32 bits. */
  #varint(value: number) {
    let rest = value
    while (rest > 127) {
      this.#out.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.#out.push(rest)
  }
}
