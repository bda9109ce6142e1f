/**
 * A narrow Parquet writer: flat columns, one V1 data page per column chunk, encodings PLAIN, RLE and RLE_DICTIONARY, ZSTD.
 * It takes columns as the merge has them, already coded or as runs, which no library does and which is where its speed comes from.
 * Memory does not grow with the file but for the footer, which is kept as its final bytes. Nothing here knows files: see atomic.ts.
 */
import { InternalError } from '../model/errors.js'
import { type Chunk, ChunkEncoder } from './chunk.js'
import {
  type ColumnData,
  ENCODING,
  type ParquetColumn,
  physicalOf,
  ROW_GROUP_ROWS,
  writeSchemaElement,
} from './columns.js'
import { ThriftWriter } from './thrift.js'

export { type ColumnData, type ParquetColumn, ROW_GROUP_ROWS, type Value } from './columns.js'

export interface ParquetOptions {
  /** `<package> version x.y.z (build <commit>)`, the form that readers parse. */
  readonly createdBy: string
  readonly compress: (bytes: Uint8Array) => Uint8Array
}

export interface ParquetSummary {
  readonly rows: number
  readonly bytes: number
  readonly rowGroups: number
}

const MAGIC = Buffer.from('PAR1')
const ZSTD = 6
const CODED = [ENCODING.plain, ENCODING.rle, ENCODING.dictionary]
const PLAIN = [ENCODING.plain, ENCODING.rle]

export class ParquetWriter {
  readonly #sink: { write(bytes: Uint8Array): void }
  readonly #columns: readonly ParquetColumn[]
  readonly #createdBy: string
  readonly #encoder: ChunkEncoder
  /** The row groups of the footer, already in Thrift. */
  readonly #groups = new ThriftWriter()
  #offset = 0
  #rows = 0
  #rowGroups = 0
  #finished = false

  constructor(sink: { write(bytes: Uint8Array): void }, columns: readonly ParquetColumn[], options: ParquetOptions) {
    this.#sink = sink
    this.#columns = columns
    this.#createdBy = options.createdBy
    this.#encoder = new ChunkEncoder(options.compress, bytes => this.#write(bytes))
    this.#write(MAGIC)
  }

  /** One entry of `data` per column. No rows, no row group. Arrays in `data` may be used again after the call. */
  writeRowGroup(rows: number, data: readonly ColumnData[]): void {
    if (this.#finished) throw new InternalError('parquet.finished', 'the file is already finished')
    if (!Number.isInteger(rows) || rows < 0 || rows > ROW_GROUP_ROWS)
      throw new InternalError('parquet.rows', `a row group has 0 to ${ROW_GROUP_ROWS} rows, not ${rows}`)
    if (data.length !== this.#columns.length)
      throw new InternalError('parquet.data', `${data.length} columns of data for ${this.#columns.length} columns`)
    if (rows === 0) return
    const start = this.#offset
    this.#encoder.startRowGroup(rows)
    const starts: number[] = []
    const chunks = this.#columns.map((column, index) => {
      starts.push(this.#offset)
      return this.#encoder.encode(column, data[index]!)
    })
    const thrift = this.#groups
    thrift.element(() => {
      thrift.structs(1, [...chunks.keys()], index => {
        // The deprecated file_offset: 0, since no copy of the metadata stands beside the pages.
        thrift.i64(2, 0)
        thrift.struct(3, () => writeChunk(thrift, this.#columns[index]!, rows, starts[index]!, chunks[index]!))
      })
      thrift.i64(2, sum(chunks.map(chunk => chunk.uncompressed)))
      thrift.i64(3, rows)
      thrift.i64(5, start)
      thrift.i64(6, this.#offset - start)
      // A 16-bit number: after the last that fits, readers count for themselves.
      if (this.#rowGroups < 0x8000) thrift.i16(7, this.#rowGroups)
    })
    this.#rows += rows
    this.#rowGroups++
  }

  finish(keyValue: Readonly<Record<string, string>>): ParquetSummary {
    if (this.#finished) throw new InternalError('parquet.finished', 'the file is already finished')
    this.#finished = true
    const thrift = new ThriftWriter()
    thrift.element(() => {
      thrift.i32(1, 1)
      this.#writeSchema(thrift)
      thrift.i64(3, this.#rows)
      thrift.writtenStructs(4, this.#rowGroups, this.#groups.bytes)
      const entries = Object.entries(keyValue)
      if (entries.length > 0)
        thrift.structs(5, entries, ([key, value]) => {
          thrift.binary(1, key)
          thrift.binary(2, value)
        })
      thrift.binary(6, this.#createdBy)
      // Without column orders readers must not trust min_value and max_value.
      thrift.structs(7, this.#columns, () => thrift.struct(1, () => {}))
    })
    const length = Buffer.alloc(4)
    length.writeUInt32LE(thrift.length)
    for (const part of [thrift.bytes, length, MAGIC]) this.#write(part)
    return { rows: this.#rows, bytes: this.#offset, rowGroups: this.#rowGroups }
  }

  #writeSchema(thrift: ThriftWriter) {
    thrift.structs(2, [undefined, ...this.#columns], column => {
      if (column) writeSchemaElement(thrift, column)
      else {
        thrift.binary(4, 'schema')
        thrift.i32(5, this.#columns.length)
      }
    })
  }

  #write(bytes: Uint8Array) {
    this.#sink.write(bytes)
    this.#offset += bytes.length
  }
}

/** The ColumnMetaData of one chunk. */
function writeChunk(thrift: ThriftWriter, column: ParquetColumn, rows: number, start: number, chunk: Chunk) {
  const coded = chunk.dictionaryBytes > 0
  thrift.i32(1, physicalOf(column.type))
  thrift.i32s(2, coded ? CODED : PLAIN)
  thrift.binaries(3, [column.name])
  thrift.i32(4, ZSTD)
  thrift.i64(5, rows)
  thrift.i64(6, chunk.uncompressed)
  thrift.i64(7, chunk.bytes)
  thrift.i64(9, start + chunk.dictionaryBytes)
  if (coded) thrift.i64(11, start)
  thrift.struct(12, () => {
    thrift.i64(3, chunk.nulls)
    if (!chunk.min || !chunk.max) return
    thrift.binary(5, chunk.max)
    thrift.binary(6, chunk.min)
    thrift.bool(7, true)
    thrift.bool(8, true)
  })
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
