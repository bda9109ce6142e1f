/**
 * Parquet as input: the same rows as CSV and as Parquet, written by DuckDB, give the same bytes; the earlier converters' data set
 * comes over complete; what is damaged, or our own, is refused in words.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { listMembers } from '../../src/read/members.js'
import { convert, optionsFor, parquetFiles } from '../helpers/fixtures.js'
import { query, ROOT } from '../helpers/run.js'
import { type Converted, converted, same, textsOf } from '../helpers/twins.js'
import { makeZip } from '../helpers/zip.js'

const folder = mkdtempSync(join(tmpdir(), 'parquet-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let made = 0

/** What DuckDB writes for a query. */
async function parquetOf(select: string, options = ''): Promise<Buffer> {
  const path = join(folder, `${made++}.parquet`)
  await query(`COPY (${select}) TO '${path}' (FORMAT parquet ${options})`)
  return readFileSync(path)
}
const put = (bytes: Uint8Array, name = `${made++}.parquet`): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const textOf = async (bytes: Uint8Array, options = {}) => (await textsOf(put(bytes), options))[0]!

describe('values', () => {
  test('stamps, days, numbers, texts and nulls print as CSV would have them', async () => {
    const { text } = await textOf(
      await parquetOf(`SELECT * FROM (VALUES
        (TIMESTAMPTZ '2024-03-10 06:00:00+00', TIMESTAMP '2024-03-10 01:00:00.5', DATE '2024-03-10', 7::UTINYINT, -9007199254740993, 23.1::FLOAT, 0.1::DOUBLE + 0.2, 12.34::DECIMAL(9,2), 'a, "b"', true),
        (NULL, NULL, NULL, NULL, NULL, NULL, 'nan'::DOUBLE, NULL, NULL, NULL)
      ) t(utc, wall, day, small, big, single, double, exact, text, flag)`),
    )
    expect(text).toBe(
      'utc,wall,day,small,big,single,double,exact,text,flag\n' +
        '2024-03-10 06:00:00+00:00,2024-03-10 01:00:00.500000,2024-03-10,7,-9007199254740993,23.1,0.30000000000000004,12.34,"a, ""b""",true\n' +
        ',,,,,,,,,\n',
    )
  })

  test('stamps of each unit', async () => {
    for (const type of ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS']) {
      const { text } = await textOf(await parquetOf(`SELECT '2024-03-10 01:00:05'::${type} AS t`))
      expect(text, type).toBe('t\n2024-03-10 01:00:05\n')
    }
  })

  test.each(['snappy', 'zstd', 'gzip', 'uncompressed', 'lz4_raw', 'brotli'])('%s', async codec => {
    const bytes = await parquetOf(
      "SELECT i AS n, 'text ' || (i % 7) AS t FROM range(3000) x(i)",
      `, COMPRESSION ${codec}`,
    )
    const { text } = await textOf(bytes)
    expect(text.split('\n').slice(0, 3)).toEqual(['n,t', '0,text 0', '1,text 1'])
    expect(text.trimEnd().split('\n')).toHaveLength(3001)
  })

  test('only the columns that are needed, over row groups and slices; the last rows alone', async () => {
    const bytes = await parquetOf(
      'SELECT i AS a, i * 2 AS b, i * 3 AS c FROM range(150000) x(i)',
      ', ROW_GROUP_SIZE 140000',
    )
    const { text } = await textOf(bytes, { columns: (header: readonly string[]) => new Set([header.indexOf('b')]) })
    const lines = text.trimEnd().split('\n')
    expect(lines).toHaveLength(150_001)
    expect(lines.every((line, at) => at === 0 || line === `,${2 * (at - 1)},`)).toBe(true)
    const { text: tail } = await textOf(bytes, { last: 2 })
    expect(tail).toBe('\n149998,299996,449994\n149999,299998,449997\n')
  })

  test('an index of pandas is no column; lists are refused only where they are needed', async () => {
    const bytes = await parquetOf('SELECT 1 AS a, [1, 2] AS list, 7 AS __index_level_0__')
    expect((await textOf(bytes, { columns: () => new Set([0]) })).text).toBe('a,list\n1,\n')
    expect(await textOf(bytes)).toMatchObject({ code: 'file.parquet', message: expect.stringContaining('list') })
  })
})

describe('damage', () => {
  test('cut anywhere, or with bytes turned, it is a problem and never a crash', async () => {
    const bytes = await parquetOf("SELECT i AS n, 'text ' || (i % 7) AS t FROM range(3000) x(i)")
    for (let cut = 4; cut < bytes.length; cut += Math.ceil(bytes.length / 40)) {
      const read = await textOf(bytes.subarray(0, cut))
      expect(read.code, String(cut)).toBe('file.parquet')
    }
    for (let at = bytes.length - 400; at < bytes.length - 8; at += 7) {
      const turned = Buffer.from(bytes)
      turned[at] = (turned[at] as number) ^ 0x55
      const { code } = await textOf(turned)
      expect([undefined, 'file.parquet', 'file.not_data'], String(at)).toContain(code)
    }
  })

  test('a footer that claims to be huge', async () => {
    const bytes = Buffer.from(await parquetOf('SELECT 1 AS a'))
    bytes.writeUInt32LE(0x7fffffff, bytes.length - 8)
    expect(await textOf(bytes)).toMatchObject({ code: 'file.parquet' })
  })

  test('under a recognisable name nothing is lost silently: a cut file of the data set is told', async () => {
    const bytes = await parquetOf('SELECT i AS n FROM range(3000) x(i)')
    const run = await converted('pjm', { 'da_hrl_lmps_2024.parquet': bytes.subarray(0, 500) })
    expect(run.report).toMatchObject({ exit_code: 65, problems: [{ code: 'file.parquet' }] })
  })
})

/** Input of a case by its name: a CSV file. */
const inputOf = (iso: string, report: string, name = 'plain') => {
  const place = join(ROOT, 'fixtures', iso, report, name, 'input')
  return join(place, readdirSync(place)[0] as string)
}
/** Columns of a CSV as a data frame would have them: instants, numbers, booleans. */
const frame = (path: string) => `SELECT * FROM read_csv('${path}', header = true)`

describe('exports of gridstatus', () => {
  test.each([
    ['caiso', 'gridstatus_da_energy_hourly', 'hosted-client'],
    ['caiso', 'gridstatus_rt_energy_15min', 'plain'],
    ['nyiso', 'gridstatus_rt_energy_hourly', 'dst-fall'],
    ['nyiso', 'gridstatus_da_as_hourly', 'plain'],
    ['pjm', 'gridstatus_da_energy_hourly', 'dst-spring'],
    ['spp', 'gridstatus_rt_as_5min', 'plain'],
    ['ercot', 'gridstatus_rt_energy_15min', 'dst-fall'],
    ['isone', 'gridstatus_rt_energy_5min', 'plain'],
    ['miso', 'gridstatus_da_energy_hourly_exante', 'plain'],
  ])('%s %s, %s: as CSV or as Parquet, with instants as such', async (iso, report, name) => {
    const path = inputOf(iso, report, name)
    const twin = await converted(iso, { 'export.csv': readFileSync(path) })
    for (const codec of ['snappy', 'zstd', 'gzip']) {
      const one = await converted(iso, { 'export.parquet': await parquetOf(frame(path), `, COMPRESSION ${codec}`) })
      expect(one.report).toMatchObject({ exit_code: 0, problems: [] })
      same(twin, one)
    }
  })

  test('in a zip, and under a name that says nothing', async () => {
    const path = inputOf('caiso', 'gridstatus_da_energy_hourly')
    const bytes = await parquetOf(frame(path))
    const twin = await converted('caiso', { 'export.csv': readFileSync(path) })
    same(twin, await converted('caiso', { 'all.zip': makeZip([{ name: 'a/export.snappy.parquet', data: bytes }]) }))
    same(twin, await converted('caiso', { 'stored.zip': makeZip([{ name: 'data', data: bytes, method: 0 }]) }))
    same(twin, await converted('caiso', { 'a.dat': bytes }))
  })
})

/** The earlier converters' own types (uint8, nanoseconds, a zone of its own for local stamps). */
const FORMER = (
  from: string,
) => `SELECT datetime_utc::TIMESTAMPTZ AS datetime_utc, datetime_local::TIMESTAMPTZ AS datetime_local,
  interval_start_utc::TIMESTAMPTZ AS interval_start_utc, interval_end_utc::TIMESTAMPTZ AS interval_end_utc,
  delivery_date::DATE AS delivery_date, delivery_hour::UTINYINT AS delivery_hour, delivery_interval::UTINYINT AS delivery_interval,
  interval_minutes::UTINYINT AS interval_minutes, iso, market_type, settlement_location, settlement_location_type,
  settlement_location_id::VARCHAR AS settlement_location_id, zone, voltage_kv::DOUBLE AS voltage_kv, lmp_total::DOUBLE AS lmp_total,
  lmp_energy::DOUBLE AS lmp_energy, lmp_congestion::DOUBLE AS lmp_congestion, lmp_loss::DOUBLE AS lmp_loss,
  system_lambda::DOUBLE AS system_lambda, dst_flag, data_source, version::UINTEGER AS version, is_current::BOOLEAN AS is_current
  FROM (${from})`
const former = (path: string) => FORMER(`SELECT * FROM read_csv('${path}', header = true, all_varchar = true)`)

describe('the data set of the earlier converters', () => {
  const sets = readdirSync(join(ROOT, 'fixtures')).flatMap(iso =>
    iso === 'archive' || iso === 'make' || iso.includes('.')
      ? []
      : readdirSync(join(ROOT, 'fixtures', iso))
          .filter(name => name.startsWith('former_'))
          .map(report => [iso, report] as const),
  )
  test.each(sets)('%s %s comes over as from CSV', async (iso, report) => {
    for (const name of ['plain', 'dst-spring', 'dst-fall']) {
      const path = inputOf(iso, report, name)
      const twin = await converted(iso, { 'x.csv': readFileSync(path) })
      same(twin, await converted(iso, { 'da_energy_hourly_nodal_2024.parquet': await parquetOf(former(path)) }))
    }
  })

  /** A year of one market, as such a data set has it: one file a kind and year. */
  const year = (
    minutes: number,
    market: string,
    days: number,
  ) => `SELECT s AS datetime_utc, s AS datetime_local, s AS interval_start_utc,
    s + INTERVAL ${minutes} MINUTE AS interval_end_utc, CAST(s - INTERVAL 8 HOUR AS DATE) AS delivery_date,
    hour(s - INTERVAL 8 HOUR) + 1 AS delivery_hour, 0 AS delivery_interval, ${minutes} AS interval_minutes, 'CAISO' AS iso,
    '${market}' AS market_type, 'NODE_' || n AS settlement_location, 'NODE' AS settlement_location_type,
    'NODE_' || n AS settlement_location_id, NULL AS zone, NULL AS voltage_kv, (i * 7 + n) % 9000 / 100 AS lmp_total,
    NULL AS lmp_energy, NULL AS lmp_congestion, NULL AS lmp_loss, NULL AS system_lambda, NULL AS dst_flag, 'CAISO OASIS' AS data_source,
    1 AS version, true AS is_current
    FROM (SELECT i, n, TIMESTAMP '2023-01-01 08:00:00' + INTERVAL (${minutes}) MINUTE * i AS s
      FROM range(${(days * 1440) / minutes}) a(i), range(5) b(n))`

  test('over a year and several runs in one folder, nothing is lost', async () => {
    const files = {
      'da_energy_hourly_nodal/da_energy_hourly_nodal_2023.parquet': await parquetOf(
        FORMER(year(60, 'DA', 365)),
        ', ROW_GROUP_SIZE 5000',
      ),
      'rt/rt_energy_15min_2023.parquet': await parquetOf(FORMER(year(15, 'RT', 60))),
      'rt/rt_energy_5min_2023.parquet': await parquetOf(FORMER(year(5, 'RT', 3))),
    }
    const { report } = await converted('caiso', files)
    expect(report).toMatchObject({ exit_code: 0, problems: [], unknown: [] })
    const of = (dataset: string) => report.datasets.find(each => each.dataset === dataset)
    expect(of('da_energy_hourly')).toMatchObject({ rows: 365 * 24 * 5, partitions: 12, quarantined: 0, superseded: 0 })
    expect(of('rt_energy_15min')).toMatchObject({ rows: 60 * 96 * 5, partitions: 3 })
    expect(of('rt_energy_5min')).toMatchObject({ rows: 3 * 288 * 5, partitions: 3 })
  })

  test('both markets in one file are told apart; rows of another market are left out', async () => {
    const both = `${year(60, 'DA', 2)} UNION ALL ${year(15, 'RT', 2)} UNION ALL SELECT * REPLACE ('PJM' AS iso) FROM (${year(60, 'DA', 1)})`
    const { report } = await converted('caiso', { 'all.parquet': await parquetOf(FORMER(both)) })
    expect(report.exit_code).toBe(0)
    const filled = report.datasets.filter(({ rows }) => rows > 0)
    expect(filled.map(({ dataset, rows }) => [dataset, rows])).toEqual([
      ['da_energy_hourly', 2 * 24 * 5],
      ['rt_energy_15min', 2 * 96 * 5],
    ])
  })

  test('it gives way to exports and to what the ISO published', async () => {
    const start = "TIMESTAMPTZ '2023-01-01 08:00:00+00'"
    const old = `SELECT * FROM (${year(60, 'DA', 1)}) WHERE settlement_location = 'NODE_1'`
    const exported = `SELECT ${start} AS interval_start_utc, ${start} + INTERVAL 1 HOUR AS interval_end_utc, 'DAY_AHEAD_HOURLY' AS market,
      'NODE_1' AS location, 'Node' AS location_type, 77.5 AS lmp, 77.5 AS energy, 0 AS congestion, 0 AS loss`
    const { report } = await converted('caiso', {
      'old.parquet': await parquetOf(FORMER(old)),
      'caiso_lmp_day_ahead_hourly.parquet': await parquetOf(exported),
    })
    expect(report.datasets).toMatchObject([{ rows: 24, superseded: 1 }])
  })

  test('what market_data of views.sql gives is read back', async () => {
    const input = join(folder, 'views')
    const output = join(folder, 'views.out')
    const own = inputOf('nyiso', 'damlbmp_zone')
    mkdirSync(join(input, 'nyiso'), { recursive: true })
    copyFileSync(own, join(input, 'nyiso', own.split('/').at(-1) as string))
    await convert(optionsFor(['nyiso'], input, output))
    const view = readFileSync(join(output, 'views.sql'), 'utf8')
    const select = /CREATE OR REPLACE VIEW market_data AS\s+([\s\S]*?)\n {2}FROM energy;/.exec(view)?.[1]
    const bytes = await parquetOf(
      `${select} FROM read_parquet('${output}/parquet/nyiso/da_energy_hourly/**/*.parquet', hive_partitioning = false)`,
    )
    const { report } = await converted('nyiso', { 'market_data.parquet': bytes })
    expect(report.exit_code).toBe(0)
    const rows = (of: Converted['report']) => of.datasets.reduce((sum, each) => sum + each.rows, 0)
    const [count] = await query(
      `SELECT count(*) AS n FROM read_parquet('${output}/parquet/**/*.parquet', hive_partitioning = false)`,
    )
    expect(rows(report)).toBe(count?.n)
  })
})

test('our own output is refused, in words', async () => {
  const input = join(folder, 'own')
  mkdirSync(join(input, 'nyiso'), { recursive: true })
  const own = inputOf('nyiso', 'damlbmp_zone')
  copyFileSync(own, join(input, 'nyiso', own.split('/').at(-1) as string))
  const output = join(folder, 'own.out')
  await convert(optionsFor(['nyiso'], input, output))
  const [bytes] = parquetFiles(output).values()
  const { report } = await converted('nyiso', { 'ours.parquet': bytes as Buffer })
  expect(report).toMatchObject({
    problems: [],
    unknown: [{ file: 'nyiso/ours.parquet', reason: /an output, not an input/ }],
  })
})

test('a Parquet file is one member, whatever its name', async () => {
  const bytes = await parquetOf('SELECT 1 AS a')
  const { members } = await listMembers(put(bytes, 'named.csv'))
  expect(members).toMatchObject([{ kind: 'parquet', name: 'named.csv', size: bytes.length }])
})
