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
import { asConvertError } from '../model/errors.js'
import type { Rows } from './run.js'

let serial = 0

/** Rows of one block: what a merge cursor holds in memory per run. */
const BLOCK_ROWS = 16_384

export class SpilledRun {
  readonly #blocks: { offset: number; length: number }[] = []
  readonly #file: number

  private constructor(
    readonly path: string,
    readonly rows: number,
    /** Which columns it has, by null or not, like a run in memory. */
    readonly end: true | null,
    readonly mask: true | null,
    readonly values: readonly (true | null)[],
  ) {
    this.#file = openSync(path, 'wx+', 0o600)
    // Without a name from now on: a killed process leaves nothing behind.
    unlinkSync(path)
  }

  /** Throws IoError on a full disk, naming the folder and the option that chooses another. */
  static write(run: Rows, folder: string): SpilledRun {
    const path = join(folder, `iso-convert-${process.pid}-${serial++}.arrow`)
    const place = { file: `${path} (a spilled run; --tmp-dir chooses another place)` }
    try {
      const spilled = new SpilledRun(
        path,
        run.rows,
        run.end && true,
        run.mask && true,
        run.values.map(column => column && true),
      )
      try {
        spilled.#write(run)
      } catch (error) {
        spilled.remove()
        throw error
      }
      return spilled
    } catch (error) {
      throw asConvertError(error, place)
    }
  }

  get blocks(): number {
    return this.#blocks.length
  }

  #write(run: Rows): void {
    const columns = columnsOf(run)
    const fields = columns.map(({ name, type }) => new Field(name, type, false))
    const schema = new Schema(fields)
    let offset = 0
    for (let from = 0; from < run.rows; from += BLOCK_ROWS) {
      const to = Math.min(run.rows, from + BLOCK_ROWS)
      const children = columns.map(({ type, data }) => makeData({ type, data: data.subarray(from, to) } as never))
      const batch = new RecordBatch(
        schema,
        makeData({ type: new Struct(fields), length: to - from, nullCount: 0, children: children as never }),
      )
      const writer = new RecordBatchStreamWriter()
      writer.write(batch)
      writer.finish()
      const bytes = writer.toUint8Array(true)
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, offset + done)
      this.#blocks.push({ offset, length: bytes.length })
      offset += bytes.length
    }
  }

  /** Reads one block back; its arrays are views on one fresh buffer. */
  read(block: number): Rows {
    const { offset, length } = this.#blocks[block] as { offset: number; length: number }
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const got = readSync(this.#file, bytes, done, length - done, offset + done)
      if (got === 0) throw new Error(`${this.path}: spilled run ends early`)
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
