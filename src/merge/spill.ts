/**
 * Runs that do not fit the unit's share of memory go to disk as Arrow IPC, and come back block by block. apache-arrow is known
 * to this file and to the library's batch interface only.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DataType,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint8,
  Uint32,
} from 'apache-arrow'
import { asConvertError, IoError } from '../model/errors.js'
import type { Table } from '../shape/table.js'
import { inOrder, type Rows, roomFor } from './run.js'

let serial = 0

/** Rows of one block: what a merge cursor holds in memory per run. Small, because a merge has many cursors. */
export const BLOCK_ROWS = 4096

/** Which columns a run has, by null or not: all that a merge wants to know of a run before it reads it. */
export interface RunShape {
  readonly end: unknown
  readonly mask: unknown
  readonly values: readonly unknown[]
}

export class SpilledRun {
  rows = 0
  readonly end: true | null
  readonly mask: true | null
  readonly values: readonly (true | null)[]
  readonly #blocks: { offset: number; length: number }[] = []
  readonly #place: { file: string }
  readonly #file: number
  #length = 0
  #buffer = new Uint8Array(0)

  /** An empty run to append to. Throws IoError, naming the folder and the option that chooses another. */
  constructor(shape: RunShape, folder: string) {
    this.end = shape.end ? true : null
    this.mask = shape.mask ? true : null
    this.values = shape.values.map(column => (column ? true : null))
    const path = join(folder, `iso-convert-${process.pid}-${serial++}.arrow`)
    this.#place = { file: `${path} (a spilled run; --tmp-dir chooses another place)` }
    try {
      this.#file = openSync(path, 'wx+', 0o600)
      // Without a name from now on: a killed process leaves nothing behind.
      unlinkSync(path)
    } catch (error) {
      throw asConvertError(error, this.#place)
    }
  }

  /** The table's rows in another order, block by block: there never is a second copy of them. Throws IoError on a full disk. */
  static write(table: Table, order: Uint32Array, folder: string): SpilledRun {
    const room = roomFor(table, Math.min(order.length, BLOCK_ROWS))
    const spilled = new SpilledRun(room, folder)
    try {
      for (let from = 0; from < order.length; from += BLOCK_ROWS)
        spilled.append(inOrder(table, order.subarray(from, from + BLOCK_ROWS), room))
      return spilled
    } catch (error) {
      spilled.remove()
      throw error
    }
  }

  get blocks(): number {
    return this.#blocks.length
  }

  /** One block of rows that follow those appended before, in file order. Throws IoError on a full disk. */
  append(run: Rows): void {
    try {
      this.#write(run)
    } catch (error) {
      throw asConvertError(error, this.#place)
    }
    this.rows += run.rows
  }

  #write(run: Rows): void {
    const columns = columnsOf(run)
    const fields = columns.map(({ name, type }) => new Field(name, type, false))
    const children = columns.map(({ type, data }) => makeData({ type, data: data.subarray(0, run.rows) } as never))
    const batch = new RecordBatch(
      new Schema(fields),
      makeData({ type: new Struct(fields), length: run.rows, nullCount: 0, children: children as never }),
    )
    const writer = new RecordBatchStreamWriter()
    writer.write(batch)
    writer.finish()
    const bytes = writer.toUint8Array(true)
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#length + done)
    this.#blocks.push({ offset: this.#length, length: bytes.length })
    this.#length += bytes.length
  }

  /** Reads one block back; its arrays are views on the run's one buffer, valid until the next call. */
  read(block: number): Rows {
    const { offset, length } = this.#blocks[block] as { offset: number; length: number }
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length)
    const bytes = this.#buffer.subarray(0, length)
    for (let done = 0; done < length; ) {
      const got = readSync(this.#file, bytes, done, length - done, offset + done)
      if (got === 0) throw new IoError('spill.short', 'a spilled run ends early', this.#place)
      done += got
    }
    const batch = RecordBatchReader.from(bytes).next().value as RecordBatch
    const column = (name: string): unknown => {
      const at = batch.schema.fields.findIndex(field => field.name === name)
      return at < 0 ? null : batch.data.children[at]?.values
    }
    return {
      rows: batch.numRows,
      series: column('series') as Int32Array,
      start: column('start') as Uint32Array,
      end: column('end') as Uint32Array | null,
      origin: column('origin') as Int32Array,
      mask: column('mask') as Uint8Array | null,
      values: this.values.map((_, k) => column(`value${k}`) as Float64Array | null),
    }
  }

  remove(): void {
    closeSync(this.#file)
  }
}

interface SpilledColumn {
  readonly name: string
  readonly type: DataType
  readonly data: Int32Array | Uint32Array | Uint8Array | Float64Array
}

function columnsOf(run: Rows): SpilledColumn[] {
  return [
    { name: 'series', type: new Int32(), data: run.series },
    { name: 'start', type: new Uint32(), data: run.start },
    ...(run.end ? [{ name: 'end', type: new Uint32(), data: run.end }] : []),
    { name: 'origin', type: new Int32(), data: run.origin },
    ...(run.mask ? [{ name: 'mask', type: new Uint8(), data: run.mask }] : []),
    ...run.values.flatMap((data, k) => (data ? [{ name: `value${k}`, type: new Float64(), data }] : [])),
  ]
}
