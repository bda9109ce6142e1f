import { join } from 'node:path'
import fc from 'fast-check'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import type { ColumnType } from '../../src/model/dataset.js'
import { InternalError } from '../../src/model/errors.js'
import {
  type ColumnData,
  type ParquetColumn,
  ParquetWriter,
  ROW_GROUP_ROWS,
  type Value,
} from '../../src/write/parquet.js'
import {
  CREATED_BY,
  duckdb,
  expected,
  type Group,
  pivot,
  readWithDuckdb,
  readWithHyparquet,
  readWithParquetJs,
  readWithParquetWasm,
  temporaryFolder,
  writeTemporary,
  writeToMemory,
  zstd,
} from './helpers.js'

const folder = temporaryFolder()

const SAMPLES: Record<ColumnType, readonly Value[]> = {
  instant: [1_704_067_200, 0, -3600, 4_102_444_800, 1_710_050_400],
  wall: [1_704_049_200, -86_400, 0, 3600, 1_710_036_000],
  date: [19_723, 0, -1, 19_724, 47_481],
  int32: [1, 2_147_483_647, -2_147_483_648, 0, 2],
  text: ['PJM', '', 'Ωμέγα', '\u{1f600} astral', '～ fullwidth'],
  double: [23.71, -0.000001, 0, 1e300, -9999.99],
  boolean: [true, false],
}
const TYPES = Object.keys(SAMPLES) as ColumnType[]

/** Every type, required and nullable, in each form. */
const COLUMNS: readonly ParquetColumn[] = TYPES.flatMap(type =>
  ['constant', 'runs', 'codes'].flatMap(form =>
    [false, true].map(nullable => ({ name: `${type}_${form}${nullable ? '_null' : ''}`, type, nullable })),
  ),
)
const DOUBLES: readonly ParquetColumn[] = [
  { name: 'few', type: 'double', nullable: false },
  { name: 'many', type: 'double', nullable: false },
  { name: 'few_null', type: 'double', nullable: true },
  { name: 'many_null', type: 'double', nullable: true },
  { name: 'only_null', type: 'double', nullable: true },
  { name: 'no_null', type: 'double', nullable: true },
]
const ALL = [...COLUMNS, ...DOUBLES]

function dataFor({ type, nullable, name }: ParquetColumn, rows: number, seed: number): ColumnData {
  const form = name.split('_')[1]
  const dictionary = SAMPLES[type]
  if (form === 'constant') return { kind: 'constant', value: nullable && seed % 2 ? null : dictionary[seed % 2]! }
  const pick = (index: number) => (nullable && (index * 7 + seed) % 3 === 0 ? -1 : (index + seed) % dictionary.length)
  // More entries than rows: only the first count.
  if (form === 'codes')
    return { kind: 'codes', dictionary, codes: Int32Array.from({ length: rows + 3 }, (_, row) => pick(row)) }
  const codes: number[] = []
  const lengths: number[] = []
  for (let row = 0, run = 0; row < rows; run++) {
    const length = Math.min(rows - row, 1 + ((run * 13 + seed) % 29))
    codes.push(pick(run))
    lengths.push(length)
    row += length
  }
  return {
    kind: 'runs',
    dictionary,
    codes: Int32Array.from([...codes, 99]),
    lengths: Int32Array.from([...lengths, 99]),
    runs: codes.length,
  }
}

function doublesFor(name: string, rows: number, seed: number): ColumnData {
  const value = (row: number) => (name.startsWith('few') ? (row % 5) / 4 : Math.sin(row + seed) * 1e3)
  const isNull = (row: number) =>
    name === 'only_null' || (name.endsWith('_null') && name !== 'no_null' && row % 4 === 1)
  return {
    kind: 'doubles',
    values: Float64Array.from({ length: rows + 2 }, (_, row) => (isNull(row) ? Number.NaN : value(row))),
  }
}

const group = (rows: number, seed: number): Group => ({
  rows,
  data: ALL.map(column =>
    DOUBLES.includes(column) ? doublesFor(column.name, rows, seed) : dataFor(column, rows, seed),
  ),
})

describe('every type in every form, read back by', () => {
  const groups = [group(1, 0), group(2, 1), group(7, 2), group(1000, 3), group(8, 4)]
  const bytes = writeToMemory(ALL, groups)
  const wanted = expected(ALL, groups)

  test('DuckDB', async () => {
    const path = writeTemporary(folder, 'types.parquet', bytes)
    expect(await readWithDuckdb(path, ALL)).toEqual(wanted)
  })
  test('hyparquet', async () => {
    expect(await readWithHyparquet(bytes, ALL)).toEqual(wanted)
  })
  test('parquet-wasm (the Rust reader)', () => {
    expect(readWithParquetWasm(bytes, ALL)).toEqual(wanted)
  })
  test('parquetjs-lite, once it is taught ZSTD, RLE_DICTIONARY and timestamps in dictionaries', async () => {
    expect(await readWithParquetJs(bytes, ALL)).toEqual(wanted)
  })

  test('and equal to what hyparquet-writer makes of the same rows', async () => {
    const path = writeTemporary(folder, 'ours.parquet', bytes)
    const theirs = join(folder, 'theirs.parquet')
    const named = {
      boolean: 'BOOLEAN',
      double: 'DOUBLE',
      text: 'STRING',
      date: 'INT32',
      instant: 'DOUBLE',
      wall: 'DOUBLE',
      int32: 'INT32',
    } as const
    await parquetWriteFile({
      filename: theirs,
      columnData: ALL.map(({ name, type, nullable }) => ({ name, data: wanted[name]!, type: named[type], nullable })),
    })
    const rows = await duckdb(`SELECT * FROM read_parquet('${theirs}')`)
    expect(await readWithDuckdb(path, ALL)).toEqual(pivot(ALL, rows))
  })
})

test('the schema is that of the data contract', async () => {
  const columns = TYPES.map(type => ({ name: type, type, nullable: type === 'double' }))
  const path = writeTemporary(folder, 'schema.parquet', writeToMemory(columns, []))
  const rows = await duckdb(
    `SELECT name, type, repetition_type, converted_type, replace(replace(logical_type, chr(8), '8'), chr(16), '16') AS logical FROM parquet_schema('${path}') OFFSET 1`,
  )
  expect(rows.map(row => Object.values(row).join(' | '))).toMatchInlineSnapshot(`
    [
      "instant | INT64 | REQUIRED | TIMESTAMP_MICROS | TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
      "wall | INT64 | REQUIRED |  | TimestampType(isAdjustedToUTC=0, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
      "date | INT32 | REQUIRED | DATE | DateType()",
      "int32 | INT32 | REQUIRED |  | ",
      "text | BYTE_ARRAY | REQUIRED | UTF8 | StringType()",
      "double | DOUBLE | OPTIONAL |  | ",
      "boolean | BOOLEAN | REQUIRED |  | ",
    ]
  `)
  const described = await duckdb(`DESCRIBE SELECT * FROM read_parquet('${path}')`)
  expect(described.map(row => `${row.column_name} ${row.column_type}`)).toMatchInlineSnapshot(`
    [
      "instant TIMESTAMP WITH TIME ZONE",
      "wall TIMESTAMP",
      "date DATE",
      "int32 INTEGER",
      "text VARCHAR",
      "double DOUBLE",
      "boolean BOOLEAN",
    ]
  `)
})

describe('sizes', () => {
  const columns: ParquetColumn[] = [
    { name: 'row', type: 'int32', nullable: false },
    { name: 'location', type: 'text', nullable: false },
    { name: 'price', type: 'double', nullable: true },
  ]
  const groupOf = (rows: number, from: number): Group => ({
    rows,
    data: [
      {
        kind: 'codes',
        dictionary: Array.from({ length: rows }, (_, row) => from + row),
        codes: Int32Array.from({ length: rows }, (_, row) => row),
      },
      {
        kind: 'runs',
        dictionary: ['a', 'b'],
        codes: Int32Array.of(0, 1),
        lengths: Int32Array.of(rows >> 1, rows - (rows >> 1)),
        runs: 2,
      },
      {
        kind: 'doubles',
        values: Float64Array.from({ length: rows }, (_, row) => (row % 9 ? (from + row) / 8 : Number.NaN)),
      },
    ],
  })
  const readAll = async (bytes: Buffer, name: string) => [
    await readWithDuckdb(writeTemporary(folder, name, bytes), columns),
    await readWithHyparquet(bytes, columns),
    readWithParquetWasm(bytes, columns),
  ]

  test('no rows: no row group', async () => {
    const bytes = writeToMemory(columns, [{ rows: 0, data: groupOf(0, 0).data }])
    for (const read of await readAll(bytes, 'empty.parquet')) expect(read).toEqual({ row: [], location: [], price: [] })
    expect(await duckdb(`SELECT * FROM parquet_metadata('${join(folder, 'empty.parquet')}')`)).toEqual([])
  })
  test('one row', async () => {
    const groups = [groupOf(1, 5)]
    for (const read of await readAll(writeToMemory(columns, groups), 'one.parquet'))
      expect(read).toEqual(expected(columns, groups))
  })
  test('full row groups and a rest', async () => {
    const groups = [
      groupOf(ROW_GROUP_ROWS, 0),
      groupOf(ROW_GROUP_ROWS, ROW_GROUP_ROWS),
      groupOf(11, 2 * ROW_GROUP_ROWS),
    ]
    const wanted = expected(columns, groups)
    for (const read of await readAll(writeToMemory(columns, groups), 'full.parquet'))
      for (const { name } of columns) expect(read[name]!.every((value, row) => value === wanted[name]![row])).toBe(true)
  })
})

test.each([1, 2, 3, 4, 5, 8, 9, 16, 17, 255, 256, 257, 1023, 1025, 4096, 10_000, 32_768, 65_536, 65_537, 100_000])(
  'a dictionary of %i entries',
  async entries => {
    const columns: ParquetColumn[] = [
      { name: 'packed', type: 'text', nullable: false },
      { name: 'mixed', type: 'text', nullable: true },
    ]
    // Twenty letters each, so that the dictionary pays although many come once.
    const dictionary = Array.from({ length: entries }, (_, entry) => `entry ${String(entry).padStart(14, '0')}`)
    const rows = Math.max(12_345, Math.floor(entries * 1.2))
    const groups: Group[] = [
      {
        rows,
        data: [
          { kind: 'codes', dictionary, codes: Int32Array.from({ length: rows }, (_, row) => row % entries) },
          {
            kind: 'codes',
            dictionary,
            codes: Int32Array.from({ length: rows }, (_, row) =>
              row % 1000 < 20 ? entries - 1 : row % 97 === 0 ? -1 : (row * 31) % entries,
            ),
          },
        ],
      },
    ]
    const bytes = writeToMemory(columns, groups)
    const wanted = expected(columns, groups)
    const same = (read: Record<string, Value[]>) =>
      columns.every(
        ({ name }) => read[name]!.length === rows && read[name]!.every((value, row) => value === wanted[name]![row]),
      )
    expect(same(await readWithDuckdb(writeTemporary(folder, `width${entries}.parquet`, bytes), columns))).toBe(true)
    expect(same(await readWithHyparquet(bytes, columns))).toBe(true)
    expect(same(readWithParquetWasm(bytes, columns))).toBe(true)
  },
)

describe('columns that share their codes', () => {
  const columns: ParquetColumn[] = [
    { name: 'start', type: 'instant', nullable: false },
    { name: 'end', type: 'instant', nullable: false },
    { name: 'local', type: 'wall', nullable: true },
    { name: 'local_too', type: 'wall', nullable: true },
    { name: 'name', type: 'text', nullable: false },
    { name: 'wider', type: 'int32', nullable: false },
  ]
  const codes = new Int32Array(3000)
  const hours = Array.from({ length: 700 }, (_, hour) => 1_704_067_200 + hour * 3600)
  const dataNow = (): ColumnData[] => [
    { kind: 'codes', dictionary: hours, codes },
    { kind: 'codes', dictionary: hours.map(hour => hour + 3600), codes },
    { kind: 'codes', dictionary: hours.map(hour => hour - 18_000), codes },
    { kind: 'codes', dictionary: hours.map(hour => hour - 21_600), codes },
    { kind: 'codes', dictionary: hours.map(String), codes },
    { kind: 'codes', dictionary: Array.from({ length: 1500 }, (_, index) => index), codes },
  ]

  test('are encoded and compressed once, and read back whatever they share', async () => {
    let pages = 0
    const parts: Uint8Array[] = []
    const writer = new ParquetWriter({ write: bytes => parts.push(bytes.slice()) }, columns, {
      createdBy: CREATED_BY,
      compress: bytes => {
        pages++
        return zstd(bytes)
      },
    })
    const wanted: Group[] = []
    // The arrays are filled anew for the second row group: nothing may be kept from the first.
    for (const shift of [0, 333]) {
      for (let row = 0; row < codes.length; row++) codes[row] = (row + shift * (row % 3)) % 700
      const data = dataNow()
      writer.writeRowGroup(codes.length, data)
      wanted.push({ rows: codes.length, data: data.map(each => ({ ...each, codes: codes.slice() }) as ColumnData) })
    }
    writer.finish({})
    const bytes = Buffer.concat(parts)
    // Six dictionaries, and three bodies instead of six: required, nullable, and the one with wider codes.
    expect(pages).toBe(2 * (6 + 3))
    expect(await readWithHyparquet(bytes, columns)).toEqual(expected(columns, wanted))
    expect(await readWithDuckdb(writeTemporary(folder, 'shared.parquet', bytes), columns)).toEqual(
      expected(columns, wanted),
    )
  })

  test('also as runs with nulls', async () => {
    const two: ParquetColumn[] = ['a', 'b'].map(name => ({ name, type: 'text', nullable: true }))
    const runs = {
      kind: 'runs',
      codes: Int32Array.of(0, -1, 1, 0),
      lengths: Int32Array.of(3, 50, 9, 100),
      runs: 4,
    } as const
    const groups: Group[] = [
      {
        rows: 162,
        data: [
          { ...runs, dictionary: ['x', 'y'] },
          { ...runs, dictionary: ['ä', 'ö'] },
        ],
      },
    ]
    const bytes = writeToMemory(two, groups)
    expect(await readWithHyparquet(bytes, two)).toEqual(expected(two, groups))
    expect(readWithParquetWasm(bytes, two)).toEqual(expected(two, groups))
  })
})

const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('', 'A', '\u{1f600}', '～'))
const anyDouble = fc.oneof(
  fc.double({ noNaN: true }).map(value => value + 0),
  fc.integer({ min: -99_999, max: 99_999 }).map(cents => cents / 100 + 0),
)
const VALUES: Record<ColumnType, fc.Arbitrary<Value>> = {
  instant: fc.integer({ min: -(2 ** 31), max: 2 ** 32 }),
  wall: fc.integer({ min: -(2 ** 31), max: 2 ** 32 }),
  date: fc.integer({ min: -10_000, max: 60_000 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  text: anyText,
  double: anyDouble,
  boolean: fc.boolean(),
}

interface AnyColumn {
  column: Omit<ParquetColumn, 'name'>
  data: ColumnData
}

/** A column of any type and form; unused dictionary entries are dropped, as the contract wants. */
const anyColumn = (rows: number) =>
  fc
    .record({
      type: fc.constantFrom(...TYPES),
      nullable: fc.boolean(),
      form: fc.constantFrom('constant', 'codes', 'runs', 'doubles'),
    })
    .chain(({ type, nullable, form }): fc.Arbitrary<AnyColumn> => {
      const column = { type, nullable }
      const lowest = nullable ? -1 : 0
      if (form === 'constant')
        return (nullable ? fc.option(VALUES[type], { nil: null }) : VALUES[type]).map(value => ({
          column,
          data: { kind: 'constant', value },
        }))
      if (form === 'doubles')
        return fc
          .array(nullable ? fc.option(anyDouble, { nil: Number.NaN }) : anyDouble, { minLength: rows, maxLength: rows })
          .map(values => ({
            column: { ...column, type: 'double' },
            data: { kind: 'doubles', values: Float64Array.from(values as number[]) },
          }))
      return fc
        .uniqueArray(VALUES[type], { minLength: 1, maxLength: 40, comparator: 'SameValueZero' })
        .chain((dictionary): fc.Arbitrary<AnyColumn> => {
          const code = fc.integer({ min: lowest, max: dictionary.length - 1 })
          if (form === 'codes')
            return fc
              .array(code, { minLength: rows, maxLength: rows })
              .map(codes => ({ column, data: compact({ kind: 'codes', dictionary, codes: Int32Array.from(codes) }) }))
          return fc
            .array(fc.tuple(code, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: rows })
            .map(pairs => {
              const lengths: number[] = []
              let left = rows
              for (const [, length] of pairs) if (left > 0) left -= lengths[lengths.push(Math.min(length, left)) - 1]!
              lengths[lengths.length - 1]! += left
              const codes = Int32Array.from(pairs.slice(0, lengths.length), ([each]) => each)
              return {
                column,
                data: compact({
                  kind: 'runs',
                  dictionary,
                  codes,
                  lengths: Int32Array.from(lengths),
                  runs: lengths.length,
                }),
              }
            })
        })
    })

function compact<T extends Extract<ColumnData, { codes: Int32Array }>>(data: T): T {
  const used = [...new Set(data.codes)].filter(code => code >= 0)
  return {
    ...data,
    dictionary: used.map(code => data.dictionary[code]!),
    codes: data.codes.map(code => used.indexOf(code)),
  }
}

test('any columns in any form read back equal', async () => {
  const anyFile = fc.integer({ min: 1, max: 300 }).chain(rows =>
    fc.array(anyColumn(rows), { minLength: 1, maxLength: 8 }).map(list => ({
      columns: list.map(({ column }, index) => ({ ...column, name: `c${index}` })),
      groups: [{ rows, data: list.map(({ data }) => data) }],
    })),
  )
  let file = 0
  await fc.assert(
    fc.asyncProperty(anyFile, async ({ columns, groups }) => {
      const bytes = writeToMemory(columns, groups)
      const wanted = expected(columns, groups)
      expect(await readWithHyparquet(bytes, columns)).toEqual(wanted)
      expect(readWithParquetWasm(bytes, columns)).toEqual(wanted)
      const path = writeTemporary(folder, `any${file++}.parquet`, bytes)
      expect(await readWithDuckdb(path, columns)).toEqual(wanted)
      await expectStatistics(path, columns, groups)
    }),
    { numRuns: 150 },
  )
})

/** Through DuckDB's own comparison of all values: a reader skips row groups by these numbers. */
async function expectStatistics(path: string, columns: readonly ParquetColumn[], groups: readonly Group[]) {
  const metadata = await duckdb(
    `SELECT path_in_schema AS name, num_values, stats_null_count, stats_min_value, stats_max_value FROM parquet_metadata('${path}')`,
  )
  for (const row of metadata) {
    const column = columns.find(({ name }) => name === row.name)!
    const [{ low, high, nulls } = {}] = await duckdb(
      `SELECT min("${column.name}")::VARCHAR AS low, max("${column.name}")::VARCHAR AS high, count(*) - count("${column.name}") AS nulls FROM read_parquet('${path}')`,
    )
    expect(Number(row.num_values)).toBe(groups[0]!.rows)
    expect(Number(row.stats_null_count)).toBe(Number(nulls))
    if (column.type === 'text') {
      const values = expected(columns, groups)
        [column.name]!.filter(value => value !== null)
        .map(value => Buffer.from(value as string))
        .sort(Buffer.compare)
      expect(row.stats_min_value).toBe(values[0]?.toString() ?? null)
      expect(row.stats_max_value).toBe(values.at(-1)?.toString() ?? null)
    } else if (column.type !== 'instant' && column.type !== 'wall' && column.type !== 'double') {
      expect([row.stats_min_value, row.stats_max_value]).toEqual([low, high])
    }
  }
}

describe('statistics', () => {
  const columns: ParquetColumn[] = [
    { name: 'instant', type: 'instant', nullable: false },
    { name: 'date', type: 'date', nullable: false },
    { name: 'text', type: 'text', nullable: true },
    { name: 'price', type: 'double', nullable: true },
    { name: 'zero', type: 'double', nullable: true },
    { name: 'nothing', type: 'text', nullable: true },
    { name: 'flag', type: 'boolean', nullable: false },
  ]
  const codes = Int32Array.of(0, 1, 2, -1)
  const data: ColumnData[] = [
    { kind: 'codes', dictionary: [1_704_067_200, -1, 5], codes: Int32Array.of(0, 1, 2, 0) },
    { kind: 'codes', dictionary: [19_723, -1], codes: Int32Array.of(0, 1, 1, 1) },
    // In UTF-16 the astral one comes first, in UTF-8 last.
    { kind: 'codes', dictionary: ['～', '\u{1f600}', 'é'], codes },
    { kind: 'doubles', values: Float64Array.of(3.5, Number.NaN, -2.25, 7) },
    { kind: 'doubles', values: Float64Array.of(0, 0, 0, 0) },
    { kind: 'constant', value: null },
    { kind: 'runs', dictionary: [true, false], codes: Int32Array.of(0, 1), lengths: Int32Array.of(1, 3), runs: 2 },
  ]

  test('are min, max and null count, texts by their UTF-8 bytes', async () => {
    const path = writeTemporary(folder, 'statistics.parquet', writeToMemory(columns, [{ rows: 4, data }]))
    const rows = await duckdb(
      `SELECT path_in_schema AS name, stats_min_value AS low, stats_max_value AS high, stats_null_count::INT AS nulls, min_is_exact AS exact FROM parquet_metadata('${path}')`,
    )
    expect(rows.map(row => Object.values(row).join(' | '))).toMatchInlineSnapshot(`
      [
        "instant | 1969-12-31 23:59:59+00 | 2024-01-01 00:00:00+00 | 0 | true",
        "date | 1969-12-31 | 2024-01-01 | 0 | true",
        "text | é | 😀 | 1 | true",
        "price | -2.25 | 7.0 | 1 | true",
        "zero | 0.0 | 0.0 | 0 | true",
        "nothing |  |  | 4 | ",
        "flag | false | true | 0 | true",
      ]
    `)
    expect(await duckdb(`SELECT count(*)::INT AS n FROM read_parquet('${path}') WHERE text > 'zzz'`)).toEqual([
      { n: 3 },
    ])
    expect(await duckdb(`SELECT min(zero) AS low FROM read_parquet('${path}')`)).toEqual([{ low: 0 }])
  })

  test('footer: sizes, offsets, encodings, key-value metadata, created_by', async () => {
    const bytes = writeToMemory(
      columns,
      [
        { rows: 4, data },
        { rows: 4, data },
      ],
      zstd,
      { dataset: 'x', units: '{"lmp":"$/MWh"}' },
    )
    const path = writeTemporary(folder, 'footer.parquet', bytes)
    const chunks = await duckdb(`SELECT * FROM parquet_metadata('${path}') ORDER BY row_group_id, column_id`)
    expect(chunks).toHaveLength(14)
    let offset = 4
    for (const chunk of chunks) {
      expect(Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)).toBe(offset)
      expect(chunk.compression).toBe('ZSTD')
      offset += Number(chunk.total_compressed_size)
    }
    expect(new Set(chunks.flatMap(chunk => String(chunk.encodings).split(', ')))).toEqual(
      new Set(['PLAIN', 'RLE', 'RLE_DICTIONARY']),
    )
    const [file] = await duckdb(
      `SELECT created_by, num_rows::INT AS num_rows, num_row_groups::INT AS num_row_groups FROM parquet_file_metadata('${path}')`,
    )
    expect(file).toEqual({ created_by: CREATED_BY, num_rows: 8, num_row_groups: 2 })
    const pairs = await duckdb(`SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${path}')`)
    expect(pairs).toEqual([
      { key: 'dataset', value: 'x' },
      { key: 'units', value: '{"lmp":"$/MWh"}' },
    ])
  })
})

test('the same rows give the same bytes', () => {
  const make = () => writeToMemory(ALL, [group(500, 1), group(20_000, 2)])
  expect(make().equals(make())).toBe(true)
})

describe('refuses', () => {
  const writer = (nullable: boolean, type: ColumnType = 'text') =>
    new ParquetWriter({ write: () => {} }, [{ name: 'c', type, nullable }], {
      createdBy: CREATED_BY,
      compress: bytes => bytes,
    })
  const cases: [string, () => void, RegExp][] = [
    [
      'too many rows',
      () => writer(true).writeRowGroup(ROW_GROUP_ROWS + 1, [{ kind: 'constant', value: 'x' }]),
      /0 to 122880 rows/,
    ],
    ['a missing column', () => writer(true).writeRowGroup(1, []), /0 columns of data for 1/],
    [
      'a null constant where none may be',
      () => writer(false).writeRowGroup(3, [{ kind: 'constant', value: null }]),
      /column c must not be null, but 3 rows/,
    ],
    [
      'a null code where none may be',
      () => writer(false).writeRowGroup(1, [{ kind: 'codes', dictionary: ['x'], codes: Int32Array.of(-1) }]),
      /must not be null/,
    ],
    [
      'NaN where no null may be',
      () => writer(false, 'double').writeRowGroup(1, [{ kind: 'doubles', values: Float64Array.of(Number.NaN) }]),
      /must not be null/,
    ],
    [
      'doubles for a text',
      () => writer(true).writeRowGroup(1, [{ kind: 'doubles', values: Float64Array.of(1) }]),
      /1 doubles for 1 rows of text/,
    ],
    [
      'too few codes',
      () => writer(true).writeRowGroup(2, [{ kind: 'codes', dictionary: ['x'], codes: Int32Array.of(0) }]),
      /1 codes for 2 rows/,
    ],
    [
      'a code outside the dictionary',
      () => writer(true).writeRowGroup(1, [{ kind: 'codes', dictionary: ['x'], codes: Int32Array.of(1) }]),
      /code 1 in a dictionary of 1/,
    ],
    [
      'runs that are not the rows',
      () =>
        writer(true).writeRowGroup(5, [
          { kind: 'runs', dictionary: ['x'], codes: Int32Array.of(0), lengths: Int32Array.of(4), runs: 1 },
        ]),
      /runs of 4 rows for 5 rows/,
    ],
  ]
  test.each(cases)('%s', (_, write, message) => {
    expect(write).toThrow(InternalError)
    expect(write).toThrow(message)
  })
  test('a row group after the end', () => {
    const finished = writer(true)
    finished.finish({})
    expect(() => finished.writeRowGroup(1, [{ kind: 'constant', value: 'x' }])).toThrow(InternalError)
    expect(() => finished.finish({})).toThrow(InternalError)
  })
})
