import { describe, expect, test } from 'vitest'
import { InternalError, TemporaryError } from '../../src/model/errors.js'
import type { ParquetColumn } from '../../src/write/parquet.js'
import { inspectParquet, verifyParquet } from '../../src/write/verify.js'
import { CREATED_BY, type Group, temporaryFolder, writeTemporary, writeToMemory, zstd } from './helpers.js'

const folder = temporaryFolder()
const columns: ParquetColumn[] = [
  { name: 'start', type: 'instant', nullable: false },
  { name: 'local', type: 'wall', nullable: false },
  { name: 'day', type: 'date', nullable: false },
  { name: 'hour', type: 'int32', nullable: false },
  { name: 'zone', type: 'text', nullable: true },
  { name: 'price', type: 'double', nullable: true },
  { name: 'final', type: 'boolean', nullable: false },
]
const codes = Int32Array.from({ length: 100 }, (_, row) => row % 2)
const group: Group = {
  rows: 100,
  data: [
    { kind: 'codes', dictionary: [1_704_067_200, 1_704_070_800], codes },
    { kind: 'codes', dictionary: [1_704_049_200, 1_704_052_800], codes },
    { kind: 'constant', value: 19_723 },
    { kind: 'codes', dictionary: [1, 2], codes },
    { kind: 'runs', dictionary: ['AE'], codes: Int32Array.of(0, -1), lengths: Int32Array.of(60, 40), runs: 2 },
    { kind: 'doubles', values: Float64Array.from({ length: 100 }, (_, row) => row / 3) },
    { kind: 'constant', value: true },
  ],
}
const bytes = writeToMemory(columns, [group, group], zstd, { iso: 'PJM' })

describe('verify', () => {
  test('accepts what the writer made, also without rows', async () => {
    await verifyParquet(writeTemporary(folder, 'good.parquet', bytes), 200)
    await verifyParquet(writeTemporary(folder, 'none.parquet', writeToMemory(columns, [])), 0)
  })
  test('refuses another number of rows, with the path', async () => {
    const path = writeTemporary(folder, 'rows.parquet', bytes)
    await expect(verifyParquet(path, 199)).rejects.toThrow(InternalError)
    await expect(verifyParquet(path, 199)).rejects.toThrow(`${path}: expected 199 rows, the footer says 200`)
  })
  const footer = bytes.readUInt32LE(bytes.length - 8)
  test.each<[string, Buffer]>([
    ['cut off at the end', bytes.subarray(0, bytes.length - 5)],
    ['that is empty', Buffer.alloc(0)],
    ['that is something else', Buffer.from('<html>not found</html>')],
    // The footer alone is whole: only the offsets tell.
    ['without its last pages', Buffer.concat([bytes.subarray(0, 500), bytes.subarray(bytes.length - 8 - footer)])],
    [
      'with a damaged footer',
      Buffer.concat([bytes.subarray(0, -8 - footer), Buffer.alloc(footer, 0x5c), bytes.subarray(-8)]),
    ],
  ])('refuses a file %s', async (name, content) => {
    await expect(verifyParquet(writeTemporary(folder, `${name}.parquet`, content), 200)).rejects.toThrow(InternalError)
  })
  test('a missing file is not our contradiction', async () => {
    await expect(verifyParquet(`${folder}/missing.parquet`, 1)).rejects.toThrow(TemporaryError)
  })
})

test('inspect gives a plain object', async () => {
  const inspected = await inspectParquet(writeTemporary(folder, 'inspect.parquet', bytes))
  expect(JSON.parse(JSON.stringify(inspected))).toEqual(inspected)
  expect(inspected).toMatchObject({ bytes: bytes.length, rows: 200, createdBy: CREATED_BY, metadata: { iso: 'PJM' } })
  expect(inspected.schema.map(({ name, type, nullable }) => `${name} ${type}${nullable ? ' null' : ''}`)).toEqual([
    'start INT64 TIMESTAMP(MICROS, UTC)',
    'local INT64 TIMESTAMP(MICROS)',
    'day INT32 DATE',
    'hour INT32',
    'zone BYTE_ARRAY STRING null',
    'price DOUBLE null',
    'final BOOLEAN',
  ])
  expect(inspected.rowGroups.map(({ rows }) => rows)).toEqual([100, 100])
  const [first] = inspected.rowGroups
  expect(first!.columns.map(({ name, min, max, nulls }) => [name, min, max, nulls])).toEqual([
    ['start', '2024-01-01T00:00:00.000Z', '2024-01-01T01:00:00.000Z', 0],
    ['local', '2023-12-31T19:00:00.000', '2023-12-31T20:00:00.000', 0],
    ['day', '2024-01-01', '2024-01-01', 0],
    ['hour', 1, 2, 0],
    ['zone', 'AE', 'AE', 40],
    ['price', 0, 33, 0],
    ['final', true, true, 0],
  ])
  expect(first!.columns[0]).toMatchObject({ encodings: ['PLAIN', 'RLE', 'RLE_DICTIONARY'], compression: 'ZSTD' })
  expect(first!.columns[5]).toMatchObject({ encodings: ['PLAIN', 'RLE'] })
})
