/**
 * The rows of one column chunk as dictionary codes, whether they came per row or as runs: counts, levels, and the codes without nulls.
 */
import { InternalError } from '../model/errors.js'
import { type ColumnData, ROW_GROUP_ROWS } from './columns.js'
import { encodeCodes, encodeRuns } from './encode.js'

export type Coded = Extract<ColumnData, { kind: 'runs' | 'codes' }>

export class CodedRows {
  readonly #levels = new Int32Array(ROW_GROUP_ROWS)
  /** Codes per row, nulls left out; eight more, because a packed group is filled up. */
  readonly #present = new Int32Array(ROW_GROUP_ROWS + 8)
  #runCodes = new Int32Array(1024)
  #runLengths = new Int32Array(1024)
  #data!: Coded
  rows = 0
  nulls = 0

  /** Counts nulls and refuses codes that the dictionary does not have: such a file would be written, and unreadable. */
  load(name: string, data: Coded, rows: number) {
    this.#data = data
    this.rows = rows
    const { codes } = data
    let nulls = 0
    let largest = -1
    if (data.kind === 'codes') {
      if (codes.length < rows) throw refuse(name, `${codes.length} codes for ${rows} rows`)
      for (let row = 0; row < rows; row++) {
        const code = codes[row]!
        if (code > largest) largest = code
        if (code < 0) nulls++
      }
    } else {
      let total = 0
      for (let run = 0; run < data.runs; run++) {
        const code = codes[run]!
        const length = data.lengths[run]!
        total += length
        if (code > largest) largest = code
        if (code < 0) nulls += length
      }
      if (total !== rows) throw refuse(name, `runs of ${total} rows for ${rows} rows`)
    }
    if (largest >= data.dictionary.length)
      throw refuse(name, `code ${largest} in a dictionary of ${data.dictionary.length}`)
    this.nulls = nulls
  }

  get present(): number {
    return this.rows - this.nulls
  }

  /** One level per row, or nothing where all rows are alike. */
  levels(): Int32Array | undefined {
    if (this.nulls === 0 || this.nulls === this.rows) return undefined
    const data = this.#data
    const levels = this.#levels
    if (data.kind === 'codes') for (let row = 0; row < this.rows; row++) levels[row] = data.codes[row]! < 0 ? 0 : 1
    else {
      let row = 0
      for (let run = 0; run < data.runs; run++) {
        const next = row + data.lengths[run]!
        levels.fill(data.codes[run]! < 0 ? 0 : 1, row, next)
        row = next
      }
    }
    return levels
  }

  /** The hybrid encoding of the codes that are not null. */
  encode(width: number, out: Uint8Array, start: number): number {
    const data = this.#data
    if (data.kind === 'codes') {
      const codes = this.nulls === 0 ? data.codes : this.expanded()
      return encodeCodes(codes, this.present, width, out, start)
    }
    const { codes, lengths, runs } = this.nulls === 0 ? data : this.#runsWithoutNulls(data)
    return encodeRuns(codes, lengths, runs, width, out, start, this.#present)
  }

  /** One code per row that is not null: a view that is valid until the next call of anything here. */
  expanded(): Int32Array {
    const data = this.#data
    const present = this.#present
    let at = 0
    if (data.kind === 'codes') {
      if (this.nulls === 0) return data.codes
      for (let row = 0; row < this.rows; row++) {
        const code = data.codes[row]!
        if (code >= 0) present[at++] = code
      }
    } else {
      for (let run = 0; run < data.runs; run++) {
        const code = data.codes[run]!
        if (code < 0) continue
        const next = at + data.lengths[run]!
        present.fill(code, at, next)
        at = next
      }
    }
    return present
  }

  #runsWithoutNulls(data: Extract<Coded, { kind: 'runs' }>) {
    if (this.#runCodes.length < data.runs) {
      this.#runCodes = new Int32Array(data.runs * 2)
      this.#runLengths = new Int32Array(data.runs * 2)
    }
    const codes = this.#runCodes
    const lengths = this.#runLengths
    let runs = 0
    for (let run = 0; run < data.runs; run++) {
      if (data.codes[run]! < 0) continue
      codes[runs] = data.codes[run]!
      lengths[runs++] = data.lengths[run]!
    }
    return { codes, lengths, runs }
  }
}

const refuse = (name: string, message: string) => new InternalError('parquet.data', `column ${name}: ${message}`)
