/**
 * The distinct values of a column chunk in PLAIN form, with their smallest and largest for the statistics.
 */
import type { ColumnType } from '../model/dataset.js'
import { InternalError } from '../model/errors.js'
import { ByteBuffer } from './bytes.js'
import { PHYSICAL, physicalOf, type Value } from './columns.js'
import { plainDoubles, plainInt32, plainMicros, plainTexts } from './encode.js'

export class PlainDictionary {
  readonly #buffer = new ByteBuffer()
  #offsets = new Int32Array(1024)
  size = 0
  /** PLAIN bytes of one value, or 0 where values differ in length. */
  width = 0
  /** Statistics as Parquet wants them; copies, since the footer is written later. Absent in an empty dictionary. */
  min: Uint8Array | undefined
  max: Uint8Array | undefined

  /** A view, not a copy: valid until the next `load`. */
  get bytes(): Uint8Array {
    return this.#buffer.view
  }

  load(type: ColumnType, values: readonly Value[]) {
    const physical = physicalOf(type)
    if (physical === PHYSICAL.binary) this.#loadTexts(values as readonly string[])
    else if (physical === PHYSICAL.boolean) this.#loadBooleans(values as readonly boolean[])
    else this.#loadNumbers(type, values as readonly number[])
  }

  loadDoubles(values: Float64Array, size: number, min: number, max: number) {
    this.size = size
    this.width = 8
    this.#buffer.length = 0
    this.#buffer.length = plainDoubles(values, size, this.#buffer.reserve(size * 8), 0)
    this.setDoubleLimits(min, max)
  }

  setDoubleLimits(min: number, max: number) {
    const known = min <= max
    // A minimum of zero is written without a sign, although the format advises -0 for writers that may hold one: our values never do,
    // and DuckDB answers min() from here, so that people would see -0.
    this.min = known ? encodeNumber('double', min + 0) : undefined
    this.max = known ? encodeNumber('double', max + 0) : undefined
  }

  /** Where each value starts in `bytes`, and at last where all end. Valid until the next call. */
  offsets(): Int32Array {
    if (this.#offsets.length <= this.size) this.#offsets = new Int32Array(this.size * 2)
    const offsets = this.#offsets
    const { bytes } = this.#buffer
    let at = 0
    for (let index = 0; index < this.size; index++) {
      offsets[index] = at
      at += this.width || 4 + bytes.readUInt32LE(at)
    }
    offsets[this.size] = at
    return offsets
  }

  #loadNumbers(type: ColumnType, values: readonly number[]) {
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (const value of values) {
      if (value < min) min = value
      if (value > max) max = value
    }
    if (type === 'double') {
      this.loadDoubles(Float64Array.from(values), values.length, min, max)
      return
    }
    this.size = values.length
    const micros = physicalOf(type) === PHYSICAL.int64
    this.width = micros ? 8 : 4
    this.#buffer.length = 0
    const out = this.#buffer.reserve(values.length * this.width)
    this.#buffer.length = micros ? plainMicros(values, out, 0) : plainInt32(values, out, 0)
    this.min = values.length ? encodeNumber(type, min) : undefined
    this.max = values.length ? encodeNumber(type, max) : undefined
  }

  #loadBooleans(values: readonly boolean[]) {
    this.size = values.length
    this.width = 1
    this.#buffer.length = 0
    for (const value of values) this.#buffer.push(value ? 1 : 0)
    this.min = values.length ? Uint8Array.of(values.includes(false) ? 0 : 1) : undefined
    this.max = values.length ? Uint8Array.of(values.includes(true) ? 1 : 0) : undefined
  }

  #loadTexts(values: readonly string[]) {
    this.size = values.length
    this.width = 0
    let units = 0
    for (const value of values) units += value.length
    this.#buffer.length = 0
    // A UTF-16 unit takes at most three bytes.
    const out = this.#buffer.reserve(values.length * 4 + units * 3)
    this.#buffer.length = plainTexts(values, out, 0)
    const ascii = this.#buffer.length === values.length * 4 + units
    const less = ascii ? (a: string, b: string) => a < b : lessInBytes
    let min = values[0]
    let max = min
    for (const value of values) {
      if (less(value, min!)) min = value
      else if (less(max!, value)) max = value
    }
    this.min = min === undefined ? undefined : Buffer.from(min)
    this.max = max === undefined ? undefined : Buffer.from(max)
  }
}

/** Parquet orders texts by their UTF-8 bytes; JavaScript compares UTF-16 units and puts U+1F600 before U+FF5E. */
const lessInBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0

function encodeNumber(type: ColumnType, value: number): Uint8Array {
  const out = new Uint8Array(8)
  switch (physicalOf(type)) {
    case PHYSICAL.double:
      plainDoubles(Float64Array.of(value), 1, out, 0)
      return out
    case PHYSICAL.int64:
      plainMicros([value], out, 0)
      return out
    case PHYSICAL.int32:
      plainInt32([value], out, 0)
      return out.slice(0, 4)
    default:
      throw new InternalError('parquet.type', `a column of type ${type} does not hold numbers`)
  }
}
