/** All seven markets and the exports of gridstatus over the whole folder of real samples, as a person would run it. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { converters } from '../converters/index.js'
import {
  convert,
  parquetDigests,
  query,
  receipts,
  SAMPLES,
  samplesAbsent,
  scratchFolder,
  unbalanced,
} from './helpers/run.js'

const all = [...converters.keys()]
const absent = samplesAbsent('samples-all')

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(folder, name)).isFile(),
  )
}

describe.skipIf(absent)('convert all --all on the samples', () => {
  const output = scratchFolder('samples-all')
  const scratch = scratchFolder('samples-shuffled')
  const first = absent ? null : convert(all, SAMPLES, output)

  test('every file is in exactly one list, and nothing failed', async () => {
    const report = await first!
    expect(report.exit_code).toBe(0)
    expect([report.problems, report.failures]).toEqual([[], []])
    const lists = [
      report.taken,
      ...[report.empty, report.out_of_scope, report.unknown].map(list => list.map(each => each.file)),
    ]
    const seen = lists.flat()
    expect(new Set(seen).size).toBe(seen.length)
    const onDisk = new Set(seen.map(name => name.split(' > ')[0] as string))
    expect([...onDisk].sort()).toEqual(files(SAMPLES).sort())
    // What nobody knows are the folder's own indexes, one load export that names no market, and one load cut.
    expect(report.unknown.map(each => basename(each.file)).filter(name => name !== 'INDEX.tsv')).toEqual([
      'c391110f-760f-4133-bf51-f1657cb5df88.csv',
    ])
  })

  test('counts add up in every receipt', async () => {
    await first
    const found = receipts(output)
    expect(found.length).toBeGreaterThan(100)
    expect(unbalanced(found)).toEqual([])
  })

  test('a second run does nothing', async () => {
    await first
    const before = parquetDigests(output)
    const again = await convert(all, SAMPLES, output)
    expect([again.exit_code, again.written]).toEqual([0, []])
    expect(again.up_to_date).toBe(receipts(output).length)
    expect(parquetDigests(output)).toEqual(before)
  })

  test('caiso.md 13: rows, bounds and sums of each sample', async () => {
    await first
    const rows =
      await query(`SELECT year(delivery_date) AS y, month(delivery_date) AS m, count(*) AS n, round(sum(lmp), 5) AS s,
        min(lmp) AS lo, max(lmp) AS hi, count(ghg) AS ghg FROM '${output}/parquet/caiso/da_energy_hourly/**/*.parquet' GROUP BY ALL ORDER BY ALL`)
    expect(rows.map(row => [row.y, row.m, row.n, row.s, row.lo, row.hi, row.ghg].map(Number))).toEqual([
      [2019, 2, 2016, 150725.88361, -1.22052, 255.64548, 12],
      [2019, 3, 2229, 82991.24408, -4.38803, 127.16566, 0],
      [2019, 11, 2163, 91131.37809, 11.85115, 189.90636, 0],
      // 1,800 rows of three nodes and 24 of another file: 34626.29012 + 378.99569.
      [2020, 5, 1824, 35005.28581, -150.61575, 48.45259, 0],
    ])
    const fifteen = await query(`SELECT location, count(*) AS n, round(sum(lmp), 5) AS s, count(ghg) AS ghg
        FROM '${output}/parquet/caiso/rt_energy_15min/**/*.parquet' WHERE year(delivery_date) = 2023 GROUP BY ALL ORDER BY ALL`)
    expect(fifteen.map(row => [row.location, Number(row.n), Number(row.s), Number(row.ghg)])).toEqual(
      expect.arrayContaining([
        ['CAS_PP_GNODE7', 192, 5777.93013, 192],
        ['SANBRDNO_6_GN002', 192, 6110.23525, 192],
      ]),
    )
    expect(fifteen.map(row => Number(row.n)).sort((a, b) => a - b)).toEqual([192, 192, 2880])
  })

  test('ERCOT: the API answer of 2025-11-02 keeps both 2 AM prices apart', async () => {
    await first
    const rows =
      await query(`SELECT epoch(interval_start_utc) AS at, lmp FROM '${output}/parquet/ercot/da_energy_hourly/year=2025/month=11/*.parquet'
        WHERE location = 'HB_HUBAVG' AND delivery_hour IN (2, 3) AND delivery_date = '2025-11-02' ORDER BY 1`)
    // ercot.md 6.1: 46.44 without the flag (06:00Z), 48.25 with it (07:00Z).
    expect(rows.map(row => [new Date(Number(row.at) * 1000).toISOString(), Number(row.lmp)])).toEqual([
      ['2025-11-02T06:00:00.000Z', 46.44],
      ['2025-11-02T07:00:00.000Z', 48.25],
    ])
  })

  test('gridstatus: 35,040 rows of one node and 274 of one interval, ghg null because the export has no such column', async () => {
    await first
    const [row] = await query(`SELECT count(*) AS n, count(ghg) AS ghg, count(DISTINCT interval_start_utc) AS t
        FROM '${output}/parquet/caiso/rt_energy_15min/**/*.parquet' WHERE source_report = 'gridstatus_lmp'`)
    expect([Number(row?.n), Number(row?.ghg)]).toEqual([35_040 + 274, 0])
  })

  test('metadata, catalog and views are there and agree with the data', async () => {
    await first
    const read = (name: string) => JSON.parse(readFileSync(join(output, name), 'utf8'))
    const zones = read('metadata/nyiso/zones.json') as { name: string; first_seen: string }[]
    expect(zones).toHaveLength(11)
    expect(read('metadata/miso/hubs.json')).toHaveLength(403)
    const markets = read('metadata/market_info.json') as { iso: string }[]
    expect(markets.map(each => each.iso).sort()).toEqual(['CAISO', 'ERCOT', 'ISONE', 'MISO', 'NYISO', 'PJM', 'SPP'])
    const catalog = read('catalog.json') as { rows: number }[]
    const rows = catalog.reduce((sum, each) => sum + each.rows, 0)
    expect(rows).toBe(receipts(output).reduce((sum, each) => sum + each.counts.written, 0))
    expect(existsSync(join(output, 'views.sql'))).toBe(true)
    const [seen] = await query(
      `${readFileSync(join(output, 'views.sql'), 'utf8')}; SELECT count(*) AS n FROM market_data`,
    )
    expect(Number(seen?.n)).toBeGreaterThan(1_000_000)
  })

  test('shuffled, copied and renamed, the same samples give the same bytes', async () => {
    await first
    const input = join(scratch, 'input')
    let serial = 0
    for (const name of files(SAMPLES)) {
      const [market = ''] = name.split('/')
      serial++
      const places = [[`${(serial * 7) % 13}`, basename(name)]]
      if (serial % 2 === 0) places.push([`copies/${serial}`, basename(name)])
      // Under a name that says nothing, a copy is recognised by its content, or it is unknown.
      if (serial % 3 === 0) places.push(['renamed', `copy ${serial}${/\.[a-z]+$/.exec(name)?.[0] ?? ''}`])
      for (const [folder = '', as = ''] of places) {
        mkdirSync(join(input, market, folder), { recursive: true })
        copyFileSync(
          join(SAMPLES, name),
          join(input, market, folder, existsSync(join(input, market, folder, as)) ? `${serial} ${as}` : as),
        )
      }
    }
    const other = scratch
    await convert(all, input, other)
    expect(parquetDigests(other)).toEqual(parquetDigests(output))
  })
})
