/**
 * Turns one column of one row group into its pages: at most one dictionary page and exactly one V1 data page.
 * Whatever is smaller before compression is written: dictionary and codes, or PLAIN. Pages go to `emit` at once; buffers are used again.
 */
import { InternalError } from '../model/errors.js'
import { type Coded, CodedRows } from './coded.js'
import { type ColumnData, ENCODING, type ParquetColumn, ROW_GROUP_ROWS, type Value } from './columns.js'
import { PlainDictionary } from './dictionary.js'
import { DoubleScan } from './doubles.js'
import { codeWidth, encodeCodes, hybridBound, packBits, plainDoubles, plainFromDictionary } from './encode.js'
import { PageWriter, type Size } from './page.js'

/** What the footer says of a column chunk. Sizes include the page headers. */
export interface Chunk {
  readonly nulls: number
  /** Absent where every row is null. */
  readonly min: Uint8Array | undefined
  readonly max: Uint8Array | undefined
  /** Bytes of the dictionary page; 0 without one. */
  readonly dictionaryBytes: number
  readonly bytes: number
  readonly uncompressed: number
}

/** A data page of codes that another column of the row group may need again, byte for byte. */
interface SharedPage {
  readonly codes: Int32Array
  readonly lengths: Int32Array | undefined
  readonly runs: number
  readonly width: number
  readonly nullable: boolean
  readonly page: Uint8Array
  readonly size: Size
}

const NOTHING: Size = { bytes: 0, uncompressed: 0 }
const FIRST = Int32Array.of(0)
const NULL = Int32Array.of(-1)

export class ChunkEncoder {
  readonly #pages: PageWriter
  readonly #dictionary = new PlainDictionary()
  readonly #coded = new CodedRows()
  readonly #scan = new DoubleScan()
  readonly #levels = new Int32Array(ROW_GROUP_ROWS)
  readonly #values = new Float64Array(ROW_GROUP_ROWS)
  #allRows = Int32Array.of(0)
  #shared: SharedPage[] = []

  constructor(compress: (bytes: Uint8Array) => Uint8Array, emit: (bytes: Uint8Array) => void) {
    this.#pages = new PageWriter(compress, emit)
  }

  /** Pages are shared inside one row group only: the caller may fill the same arrays anew for the next. */
  startRowGroup(rows: number) {
    this.#pages.rows = rows
    this.#allRows = Int32Array.of(rows)
    this.#shared = []
  }

  encode(column: ParquetColumn, data: ColumnData): Chunk {
    if (data.kind === 'doubles') return this.#doubles(column, data.values)
    const coded = data.kind === 'constant' ? this.#constant(data.value) : data
    this.#coded.load(column.name, coded, this.#pages.rows)
    this.#refuseNulls(column, this.#coded.nulls)
    this.#dictionary.load(column.type, coded.dictionary)
    if (column.type === 'boolean') return this.#booleans(column)
    if (this.#coded.present === 0)
      return this.#chunk(
        NOTHING,
        this.#plain(column, 0, () => 0),
      )
    return this.#codes(column, coded)
  }

  #constant(value: Value): Coded {
    const isNull = value === null
    return {
      kind: 'runs',
      dictionary: isNull ? [] : [value],
      codes: isNull ? NULL : FIRST,
      lengths: this.#allRows,
      runs: 1,
    }
  }

  #codes(column: ParquetColumn, data: Coded): Chunk {
    const coded = this.#coded
    const { body } = this.#pages
    const dictionary = this.#dictionary
    const width = codeWidth(dictionary.size)
    const known = this.#findShared(column, data, width)
    if (known && this.#pays(known.size.uncompressed)) {
      const dictionarySize = this.#dictionaryPage()
      this.#pages.emit(known.page)
      return this.#chunk(dictionarySize, known.size)
    }
    const levels = this.#pages.startBody(column.nullable, coded.nulls, coded.levels())
    const out = body.reserve(1 + hybridBound(coded.present, width))
    out[levels] = width
    body.length = coded.encode(width, out, levels + 1)
    if (!this.#pays(body.length - levels)) {
      const bytes = this.#plainBytes()
      return this.#chunk(
        NOTHING,
        this.#plain(column, bytes, (target, at) =>
          plainFromDictionary(dictionary.bytes, dictionary.offsets(), coded.expanded(), coded.present, target, at),
        ),
      )
    }
    const dictionarySize = this.#dictionaryPage()
    const size = this.#pages.dataPage(ENCODING.dictionary)
    this.#shared.push({ ...shape(column, data, width), page: this.#pages.last.slice(), size })
    return this.#chunk(dictionarySize, size)
  }

  #findShared(column: ParquetColumn, data: Coded, width: number): SharedPage | undefined {
    const wanted = shape(column, data, width)
    return this.#shared.find(
      each =>
        each.codes === wanted.codes &&
        each.lengths === wanted.lengths &&
        each.runs === wanted.runs &&
        each.width === wanted.width &&
        each.nullable === wanted.nullable,
    )
  }

  /** Whether dictionary and codes are smaller than the same rows in PLAIN. */
  #pays(codeBytes: number): boolean {
    const { size, width, bytes } = this.#dictionary
    // Texts take four bytes and more each: where they come twice on average, codes of at most 17 bits always win.
    if (width === 0 && size * 2 <= this.#coded.present) return true
    return bytes.length + codeBytes < this.#plainBytes()
  }

  #plainBytes(): number {
    const { present } = this.#coded
    if (this.#dictionary.width > 0) return this.#dictionary.width * present
    const offsets = this.#dictionary.offsets()
    const codes = this.#coded.expanded()
    let total = 0
    for (let row = 0; row < present; row++) total += offsets[codes[row]! + 1]! - offsets[codes[row]!]!
    return total
  }

  #plain(column: ParquetColumn, bytes: number, fill: (out: Uint8Array, at: number) => number): Size {
    const { body } = this.#pages
    const at = this.#pages.startBody(column.nullable, this.#coded.nulls, this.#coded.levels())
    const out = body.reserve(bytes)
    if (bytes > 0) body.length = fill(out, at)
    return this.#pages.dataPage(ENCODING.plain)
  }

  /** Not every reader takes booleans in a dictionary or in RLE. */
  #booleans(column: ParquetColumn): Chunk {
    const { present } = this.#coded
    const truth = Uint8Array.from(this.#dictionary.bytes)
    const size = this.#plain(column, (present + 7) >>> 3, (out, at) => {
      const codes = this.#coded.expanded()
      const bits = this.#levels
      for (let row = 0; row < present; row++) bits[row] = truth[codes[row]!]!
      return packBits(bits, 0, present, 1, out, at)
    })
    return this.#chunk(NOTHING, size)
  }

  #doubles(column: ParquetColumn, values: Float64Array): Chunk {
    const { rows, body } = this.#pages
    if (column.type !== 'double' || values.length < rows)
      throw new InternalError(
        'parquet.data',
        `column ${column.name}: ${values.length} doubles for ${rows} rows of ${column.type}`,
      )
    const scan = this.#scan
    scan.scan(values, rows)
    this.#refuseNulls(column, scan.nulls)
    const present = rows - scan.nulls
    const at = this.#pages.startBody(column.nullable, scan.nulls, this.#levelsOf(values))
    if (scan.paid) {
      this.#dictionary.loadDoubles(scan.distinct, scan.size, scan.min, scan.max)
      const width = codeWidth(scan.size)
      const out = body.reserve(1 + hybridBound(present, width))
      out[at] = width
      body.length = encodeCodes(scan.codes, present, width, out, at + 1)
      const dictionarySize = this.#dictionaryPage()
      return this.#chunk(dictionarySize, this.#pages.dataPage(ENCODING.dictionary), scan.nulls)
    }
    this.#dictionary.loadDoubles(scan.distinct, 0, scan.min, scan.max)
    const out = body.reserve(present * 8)
    body.length = plainDoubles(scan.nulls === 0 ? values : this.#withoutNulls(values), present, out, at)
    return this.#chunk(NOTHING, this.#pages.dataPage(ENCODING.plain), scan.nulls)
  }

  #levelsOf(values: Float64Array): Int32Array | undefined {
    const { nulls } = this.#scan
    if (nulls === 0 || nulls === this.#pages.rows) return undefined
    for (let row = 0; row < this.#pages.rows; row++) this.#levels[row] = Number.isNaN(values[row]!) ? 0 : 1
    return this.#levels
  }

  #withoutNulls(values: Float64Array): Float64Array {
    let at = 0
    for (let row = 0; row < this.#pages.rows; row++) {
      const value = values[row]!
      if (!Number.isNaN(value)) this.#values[at++] = value
    }
    return this.#values
  }

  #refuseNulls(column: ParquetColumn, nulls: number) {
    if (nulls > 0 && !column.nullable)
      throw new InternalError('parquet.null', `column ${column.name} must not be null, but ${nulls} rows are`)
  }

  #dictionaryPage(): Size {
    return this.#pages.dictionaryPage(this.#dictionary.size, this.#dictionary.bytes)
  }

  #chunk(dictionary: Size, data: Size, nulls = this.#coded.nulls): Chunk {
    const valued = nulls < this.#pages.rows
    return {
      nulls,
      min: valued ? this.#dictionary.min : undefined,
      max: valued ? this.#dictionary.max : undefined,
      dictionaryBytes: dictionary.bytes,
      bytes: dictionary.bytes + data.bytes,
      uncompressed: dictionary.uncompressed + data.uncompressed,
    }
  }
}

const shape = (column: ParquetColumn, data: Coded, width: number) => ({
  codes: data.codes,
  lengths: data.kind === 'runs' ? data.lengths : undefined,
  runs: data.kind === 'runs' ? data.runs : 0,
  width,
  nullable: column.nullable,
})
