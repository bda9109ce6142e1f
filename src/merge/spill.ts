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
    readonly values: number,
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
      const spilled = new SpilledRun(path, run.rows, run.values.length)
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
    const fields = columnTypes(run.values.length).map(([name, type]) => new Field(name, type, false))
    const schema = new Schema(fields)
    let offset = 0
    for (let from = 0; from < run.rows; from += BLOCK_ROWS) {
      const to = Math.min(run.rows, from + BLOCK_ROWS)
      const children = [
        makeData({ type: new Int32(), data: run.series.subarray(from, to) }),
        makeData({ type: new Uint32(), data: run.start.subarray(from, to) }),
        makeData({ type: new Uint32(), data: run.end.subarray(from, to) }),
        makeData({ type: new Int32(), data: run.origin.subarray(from, to) }),
        makeData({ type: new Uint8(), data: run.mask.subarray(from, to) }),
        ...run.values.map(column => makeData({ type: new Float64(), data: column.subarray(from, to) })),
      ]
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
    const column = (at: number) => batch.data.children[at]?.values as never
    return {
      rows: batch.numRows,
      series: column(0),
      start: column(1),
      end: column(2),
      origin: column(3),
      mask: column(4),
      values: Array.from({ length: this.values }, (_, k) => column(5 + k) as Float64Array),
    }
  }

  remove(): void {
    closeSync(this.#file)
  }
}

function columnTypes(values: number): [string, DataType][] {
  return [
    ['series', new Int32()],
    ['start', new Uint32()],
    ['end', new Uint32()],
    ['origin', new Int32()],
    ['mask', new Uint8()],
    ...Array.from({ length: values }, (_, k): [string, DataType] => [`value${k}`, new Float64()]),
  ]
}
