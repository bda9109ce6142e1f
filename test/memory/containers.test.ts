/**
 * Workbooks, JSON and Parquet at their largest within half a gigabyte: twelve sheets of 42,000 rows, a page of 200 MB, five million
 * rows in row groups of a million. SYNTHETIC prices; counts and sums are worked out here.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, query, scratchFolder } from '../helpers/run.js'
import { makeWorkbook } from '../helpers/workbook.js'
import { type Conversion, converted, GiB, MiB, outputOf, tell } from './measured.js'

const LIMIT = 0.5
const scratch = scratchFolder('containers')
const folder = join(scratch, 'archive')

beforeAll(ensureBuilt)
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(outputOf(folder), { recursive: true, force: true })
})

/** @param parent what recognising may take; of Parquet as much as the run: pages of a million values are decoded whole for their first rows */
function fits(name: string, run: Conversion, parent = 200): void {
  tell(name, run)
  expect(run.status, run.stderr).toBe(0)
  expect(run.childPeak).toBeLessThanOrEqual(512 * MiB)
  expect(run.rootPeak).toBeLessThanOrEqual(parent * MiB)
  expect(run.wholePeak).toBeLessThanOrEqual(LIMIT * GiB)
}

const place = (iso: string, name: string): string => {
  mkdirSync(join(folder, iso), { recursive: true })
  return join(folder, iso, name)
}
const table = (iso: string, dataset: string) =>
  `read_parquet('${join(outputOf(folder), 'parquet', iso, dataset)}/**/*.parquet', hive_partitioning = false)`

describe('a workbook', () => {
  test('of a year of ERCOT’s quarter-hours', async () => {
    const two = (value: number) => String(value).padStart(2, '0')
    const header = [
      'Delivery Date',
      'Delivery Hour',
      'Delivery Interval',
      'Repeated Hour Flag',
      'Settlement Point Name',
      'Settlement Point Type',
      'Settlement Point Price',
    ]
    const points = Array.from({ length: 15 }, (_, at) => `HB_${at}`)
    // Twenty-eight days of each month, without those on which clocks change: up to 40,320 rows a sheet.
    const CHANGES = ['3/9', '11/2']
    const sheets = Array.from({ length: 12 }, (_, month) => {
      const rows: (string | number)[][] = [header]
      for (let day = 1; day <= 28; day++) {
        if (CHANGES.includes(`${month + 1}/${day}`)) continue
        for (let quarter = 0; quarter < 96; quarter++)
          for (const [at, point] of points.entries())
            rows.push([
              `${two(month + 1)}/${two(day)}/2025`,
              Math.floor(quarter / 4) + 1,
              (quarter % 4) + 1,
              'N',
              point,
              'HU',
              ((quarter * 37 + at * 11 + day) % 9000) / 100,
            ])
      }
      return { name: `Month ${month + 1}`, rows }
    })
    writeFileSync(place('ercot', 'rpt.00013061.0000000000000000.RTMLZHBSPP_2025.xlsx'), makeWorkbook(sheets))
    const run = await converted(folder, { isos: ['ercot'], limit: LIMIT })
    fits('workbook', run)
    const rows = (12 * 28 - CHANGES.length) * 96 * 15
    expect(run.report?.datasets).toMatchObject([{ dataset: 'rt_energy_15min', rows, quarantined: 0 }])
  })

  test('with almost as many shared strings as may be', async () => {
    const text = 'x'.repeat(1000)
    const strings = `<sst>${`<si><t>${text}</t></si>`.repeat(32_000)}</sst>`
    const rows = [
      ['Delivery Date', 'Hour Ending', 'Repeated Hour Flag', 'Settlement Point', 'Settlement Point Price'],
      ...Array.from({ length: 24 }, (_, hour) => ['01/02/2025', `${hour + 1}:00`, 'N', 'HB_NORTH', 20 + hour]),
    ]
    // No cell names them; they are held all the same.
    writeFileSync(
      place('ercot', 'DAMLZHBSPP_2025.xlsx'),
      makeWorkbook([{ name: 'A', rows }], { strings, inline: true }),
    )
    const run = await converted(folder, { isos: ['ercot'], limit: LIMIT })
    fits('shared strings', run)
    expect(run.report?.datasets).toMatchObject([{ rows: 24 }])
  })
})

describe('a page of 200 MB of JSON', () => {
  const HOURS = 48
  const NODES = 13_000
  /** In cents. */
  const price = (hour: number, node: number) => ((hour * 131 + node * 7) % 9000) + 100
  const row = (hour: number, node: number) => {
    const stamp = new Date(Date.UTC(2024, 0, 1, 5 + hour)).toISOString().slice(0, 19)
    const lmp = (price(hour, node) / 100).toFixed(6)
    return { stamp, lmp, node: 1_000_000 + node }
  }

  function write(path: string, before: string, line: (hour: number, node: number) => string, after: string): number {
    const file = openSync(path, 'w')
    let bytes = writeSync(file, before)
    for (let hour = 0; hour < HOURS; hour++) {
      const lines = Array.from({ length: NODES }, (_, node) => line(hour, node)).join(',')
      bytes += writeSync(file, `${hour > 0 ? ',' : ''}${lines}`)
    }
    bytes += writeSync(file, after)
    closeSync(file)
    return bytes
  }

  async function check(name: string): Promise<void> {
    const run = await converted(folder, { limit: LIMIT })
    fits(name, run)
    expect(run.report?.datasets).toMatchObject([{ dataset: 'da_energy_hourly', rows: HOURS * NODES, quarantined: 0 }])
    let sum = 0
    for (let hour = 0; hour < HOURS; hour++) for (let node = 0; node < NODES; node++) sum += price(hour, node)
    const [found] = await query(
      `SELECT sum(CAST(round(lmp * 100) AS BIGINT))::BIGINT AS cents FROM ${table('pjm', 'da_energy_hourly')}`,
    )
    expect(found).toEqual({ cents: sum })
  }

  test('as objects', async () => {
    const bytes = write(
      place('pjm', 'da_hrl_lmps.json'),
      '{"links":[],"items":[',
      (hour, node) => {
        const { stamp, lmp, node: id } = row(hour, node)
        return `{"datetime_beginning_utc":"${stamp}","datetime_beginning_ept":"${stamp}","pnode_id":${id},"pnode_name":"NODE ${id}","voltage":"230 KV","equipment":"LD1","type":"LOAD","zone":"FIXTURE","system_energy_price_da":${lmp},"total_lmp_da":${lmp},"congestion_price_da":0.000000,"marginal_loss_price_da":0.000000,"row_is_current":true,"version_nbr":1}`
      },
      `],"totalRows":${HOURS * NODES}}`,
    )
    expect(bytes).toBeGreaterThan(200 * MiB)
    await check('JSON objects')
  })

  test('as arrays in front of their fields: read twice, held never', async () => {
    const names = ['datetime_beginning_utc', 'pnode_id', 'pnode_name', 'type', 'total_lmp_da', 'note']
    const filler = 'x'.repeat(300)
    const bytes = write(
      place('pjm', 'da_hrl_lmps.json'),
      '{"data":[',
      (hour, node) => {
        const { stamp, lmp, node: id } = row(hour, node)
        return `["${stamp}",${id},"NODE ${id}","LOAD",${lmp},"${filler}"]`
      },
      `],"fields":${JSON.stringify(names.map(name => ({ name })))}}`,
    )
    expect(bytes).toBeGreaterThan(200 * MiB)
    await check('JSON arrays')
  })
})

describe('five million rows of Parquet', () => {
  const NODES = 10_000
  const HOURS = 500
  const select = `SELECT s AS datetime_utc, s AS datetime_local, s AS interval_start_utc, s + INTERVAL 1 HOUR AS interval_end_utc,
    CAST(s - INTERVAL 8 HOUR AS DATE) AS delivery_date, CAST(hour(s - INTERVAL 8 HOUR) + 1 AS UTINYINT) AS delivery_hour,
    0::UTINYINT AS delivery_interval, 60::UTINYINT AS interval_minutes, 'CAISO' AS iso, 'DA' AS market_type,
    'FIXTURE_NODE_' || n AS settlement_location, 'NODE' AS settlement_location_type, 'FIXTURE_NODE_' || n AS settlement_location_id,
    NULL::VARCHAR AS zone, NULL::DOUBLE AS voltage_kv, ((i * 7919 + n * 31) % 90001) / 100 AS lmp_total,
    ((i * 7919 + n * 31) % 90001) / 100 - 1.25 AS lmp_energy, 1.0 AS lmp_congestion, 0.25 AS lmp_loss, NULL::DOUBLE AS system_lambda,
    NULL::VARCHAR AS dst_flag, 'CAISO OASIS' AS data_source, 1::UINTEGER AS version, true AS is_current
    FROM (SELECT i, n, TIMESTAMPTZ '2023-01-01 08:00:00+00' + INTERVAL 1 HOUR * i AS s FROM range(${HOURS}) a(i), range(${NODES}) b(n))`

  // Minutes: a page of a million values is decoded again for each slice of it.
  test.each(['snappy', 'zstd', 'gzip'])('%s', { timeout: 600_000 }, async codec => {
    const path = place('caiso', 'da_energy_hourly_nodal_2023.parquet')
    await query(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 1000000)`)
    const run = await converted(folder, { isos: ['caiso'], limit: LIMIT })
    fits(`Parquet, ${codec}`, run, 512)
    expect(run.report?.datasets).toMatchObject([{ dataset: 'da_energy_hourly', rows: HOURS * NODES, quarantined: 0 }])
    const [found] = await query(
      `SELECT count(DISTINCT location) AS nodes, count(DISTINCT interval_start_utc) AS hours, sum(CAST(round(lmp * 100) AS BIGINT))::BIGINT AS cents FROM ${table('caiso', 'da_energy_hourly')}`,
    )
    let cents = 0
    for (let hour = 0; hour < HOURS; hour++)
      for (let node = 0; node < NODES; node++) cents += (hour * 7919 + node * 31) % 90_001
    expect(found).toEqual({ nodes: NODES, hours: HOURS, cents })
  })
})
