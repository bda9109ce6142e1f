/**
 * Pages of one column chunk: body, compression, header, out. Each page is emitted whole and at once; buffers are used again.
 */
import { ByteBuffer } from './bytes.js'
import { ENCODING } from './columns.js'
import { encodeLevels, hybridBound } from './encode.js'
import { ThriftWriter } from './thrift.js'

/** With the page header, as the footer counts. */
export interface Size {
  readonly bytes: number
  readonly uncompressed: number
}

const DATA_PAGE = 0
const DICTIONARY_PAGE = 2

export class PageWriter {
  readonly body = new ByteBuffer(1 << 16)
  /** Of the row group that is being written. */
  rows = 0
  readonly #page = new ByteBuffer(1 << 16)
  readonly #header = new ThriftWriter()

  constructor(
    private readonly compress: (bytes: Uint8Array) => Uint8Array,
    readonly emit: (bytes: Uint8Array) => void,
  ) {}

  /** The page that was emitted last: a view that is valid until the next one. */
  get last(): Uint8Array {
    return this.#page.view
  }

  /** Begins a data page with its levels and returns the offset behind them. */
  startBody(nullable: boolean, nulls: number, levels: Int32Array | undefined): number {
    const { body, rows } = this
    body.length = 0
    if (nullable) body.length = encodeLevels(rows, nulls, levels, body.reserve(4 + hybridBound(rows, 1)), 0)
    return body.length
  }

  dictionaryPage(entries: number, bytes: Uint8Array): Size {
    return this.#write(DICTIONARY_PAGE, bytes, header =>
      header.struct(7, () => {
        header.i32(1, entries)
        header.i32(2, ENCODING.plain)
      }),
    )
  }

  /** The body as a V1 data page. */
  dataPage(encoding: number): Size {
    return this.#write(DATA_PAGE, this.body.view, header =>
      header.struct(5, () => {
        header.i32(1, this.rows)
        header.i32(2, encoding)
        header.i32(3, ENCODING.rle)
        header.i32(4, ENCODING.rle)
      }),
    )
  }

  #write(type: number, body: Uint8Array, kind: (header: ThriftWriter) => void): Size {
    const compressed = this.compress(body)
    const header = this.#header.reset()
    header.element(() => {
      header.i32(1, type)
      header.i32(2, body.length)
      header.i32(3, compressed.length)
      kind(header)
    })
    const page = this.#page
    page.length = 0
    page.append(header.bytes)
    page.append(compressed)
    this.emit(page.view)
    return { bytes: page.length, uncompressed: header.length + body.length }
  }
}
