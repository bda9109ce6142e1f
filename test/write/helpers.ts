/**
 * Writing to memory, and reading back through five independent readers. All give columns of plain values in our units:
 * instants and wall clocks in seconds, dates in days, null for null.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { readParquet } from 'parquet-wasm'
import { afterAll } from 'vitest'
import { type ColumnData, type ParquetColumn, ParquetWriter, type Value } from '../../src/write/parquet.js'
import { loadZstd } from '../../src/write/zstd.js'

export type Columns = Record<string, Value[]>
export interface Group {
  rows: number
  data: readonly ColumnData[]
}

export const zstd = await loadZstd()
export const CREATED_BY = 'iso-market-data-converter version 0.0.0 (build test)'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'write-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function writeToMemory(
  columns: readonly ParquetColumn[],
  groups: readonly Group[],
  compress = zstd,
  keyValue: Record<string, string> = {},
): Buffer {
  const parts: Uint8Array[] = []
  const writer = new ParquetWriter({ write: bytes => parts.push(bytes.slice()) }, columns, {
    createdBy: CREATED_BY,
    compress,
  })
  for (const { rows, data } of groups) writer.writeRowGroup(rows, data)
  const summary = writer.finish(keyValue)
  const bytes = Buffer.concat(parts)
  if (summary.bytes !== bytes.length) throw new Error('the summary does not know the size')
  return bytes
}

/** The rows that column data stands for, by the plainest possible loop. */
export function expand(data: ColumnData, rows: number): Value[] {
  switch (data.kind) {
    case 'constant':
      return Array.from({ length: rows }, () => data.value)
    case 'doubles':
      return Array.from(data.values.subarray(0, rows), value => (Number.isNaN(value) ? null : value))
    case 'codes':
      return Array.from(data.codes.subarray(0, rows), code => (code < 0 ? null : data.dictionary[code]!))
    case 'runs': {
      const values: Value[] = []
      for (let run = 0; run < data.runs; run++) {
        const code = data.codes[run]!
        for (let row = 0; row < data.lengths[run]!; row++) values.push(code < 0 ? null : data.dictionary[code]!)
      }
      return values
    }
  }
}

export function expected(columns: readonly ParquetColumn[], groups: readonly Group[]): Columns {
  return Object.fromEntries(
    columns.map((column, index) => [column.name, groups.flatMap(({ rows, data }) => expand(data[index]!, rows))]),
  )
}

const instance = await DuckDBInstance.create(':memory:', { threads: '1' })

export async function duckdb(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[]
  } finally {
    connection.closeSync()
  }
}

export async function readWithDuckdb(path: string, columns: readonly ParquetColumn[]): Promise<Columns> {
  const select = columns.map(({ name, type }) => {
    const quoted = `"${name}"`
    if (type === 'instant' || type === 'wall') return `epoch_us(${quoted}) / 1000000 AS ${quoted}`
    if (type === 'date') return `${quoted} - DATE '1970-01-01' AS ${quoted}`
    return quoted
  })
  const rows = await duckdb(`SELECT ${select.join(', ')} FROM read_parquet('${path}')`)
  return pivot(columns, rows)
}

export async function readWithHyparquet(bytes: Buffer, columns: readonly ParquetColumn[]): Promise<Columns> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  return pivot(columns, await parquetReadObjects({ file, compressors }))
}

export function readWithParquetWasm(bytes: Buffer, columns: readonly ParquetColumn[]): Columns {
  const table = tableFromIPC(readParquet(bytes).intoIPCStream())
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const values = [...table.getChild(name)!]
      const unit = type === 'date' ? 86_400_000 : type === 'instant' || type === 'wall' ? 1000 : 0
      return [name, values.map(value => (value === null ? null : unit ? Number(value) / unit : plain(value)))]
    }),
  )
}

interface ParquetJs {
  ParquetReader: {
    openBuffer(bytes: Buffer): Promise<{ getCursor(): { next(): Promise<Record<string, unknown> | null> } }>
  }
}

/**
 * parquetjs-lite knows neither ZSTD nor the name RLE_DICTIONARY, and hands dictionary values on as texts, at which its timestamps fail.
 * The first two are table entries; so is the third. What stays: codes above 255 in RLE runs come out wrong (it adds their bytes up).
 */
export async function readWithParquetJs(bytes: Buffer, columns: readonly ParquetColumn[]): Promise<Columns> {
  const require = createRequire(import.meta.url)
  const compression = require('parquetjs-lite/lib/compression.js')
  compression.PARQUET_COMPRESSION_METHODS.ZSTD = {
    inflate: (page: Buffer) => Buffer.from(compressors.ZSTD!(new Uint8Array(page), 0)),
  }
  const codec = require('parquetjs-lite/lib/codec')
  codec.RLE_DICTIONARY = codec.PLAIN_DICTIONARY
  const types = require('parquetjs-lite/lib/types.js')
  types.PARQUET_LOGICAL_TYPES.TIMESTAMP_MICROS.fromPrimitive = (value: string | bigint) =>
    new Date(Number(BigInt(value) / 1000n))
  const { ParquetReader } = require('parquetjs-lite') as ParquetJs
  const cursor = (await ParquetReader.openBuffer(bytes)).getCursor()
  const rows: Record<string, unknown>[] = []
  for (let row = await cursor.next(); row; row = await cursor.next()) rows.push(row)
  const read = pivot(columns, rows)
  for (const { name, type } of columns) {
    if (type === 'text' || type === 'boolean') continue
    // Without a converted type a wall clock is a mere INT64.
    const unit = type === 'wall' ? 1e6 : 1
    read[name] = read[name]!.map(value => (value === null ? null : Number(value) / unit))
  }
  return read
}

export function pivot(columns: readonly ParquetColumn[], rows: readonly Record<string, unknown>[]): Columns {
  return Object.fromEntries(
    columns.map(({ name, type }) => [
      name,
      rows.map(row => {
        const value = row[name]
        if (value instanceof Date) return value.getTime() / (type === 'date' ? 86_400_000 : 1000)
        return plain(value)
      }),
    ]),
  )
}

function plain(value: unknown): Value {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  return value as Value
}

export function writeTemporary(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
