import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Ercot } from '../converters/ercot.js'
import { converters } from '../converters/index.js'
import { Isone } from '../converters/isone.js'
import { Spp } from '../converters/spp.js'
import { closeAll } from '../src/read/members.js'
import type { RunReport } from '../src/run/report.js'
import {
  convert,
  filesBelow,
  put,
  quarantined,
  query,
  type Row,
  receipts,
  rowsOf,
  SAMPLES,
  samplesAbsent,
  scratchFolder,
  unbalanced,
} from './helpers/run.js'
import { makeZip } from './helpers/zip.js'

const all = converters as Map<string, Spp | Isone | Ercot>
for (const each of [new Spp(), new Isone(), new Ercot()])
  if (!all.has(each.iso.toLowerCase())) all.set(each.iso.toLowerCase(), each)

const absent = samplesAbsent('samples of SPP, ISO-NE and ERCOT')
const output = scratchFolder('samples-three')
const ISOS = ['spp', 'isone', 'ercot'] as const
const runs = new Map<string, RunReport>()

beforeAll(async () => {
  if (!absent) for (const iso of ISOS) runs.set(iso, await convert(iso, SAMPLES, output))
}, 120_000)
afterAll(closeAll)

const from = (iso: string, dataset: string) => `read_parquet('${output}/parquet/${iso}/${dataset}/**/*.parquet')`
const one = async (sql: string): Promise<Row> => (await query(sql))[0] as Row
const at = (column: string) => `strftime(${column}, '%Y-%m-%dT%H:%MZ')`

describe.skipIf(absent)('every sample', () => {
  test.each(ISOS)('%s: each file is taken, empty or out of scope for a reason; nothing failed', iso => {
    const run = runs.get(iso) as RunReport
    expect(run.failures).toEqual([])
    expect(run.problems).toEqual([])
    expect(run.warnings).toEqual([])
    expect(run.unknown.map(each => each.file)).toEqual([`${iso}/INDEX.tsv`])
    const told = [...run.taken, ...[...run.empty, ...run.out_of_scope, ...run.unknown].map(each => each.file)]
    const files = new Set(told.map(file => file.split(' > ')[0]))
    expect([...files].sort()).toEqual(filesBelow(join(SAMPLES, iso)).map(name => `${iso}/${name}`))
    for (const { reason } of run.out_of_scope) expect(reason).toMatch(/not prices|not CSV/)
    expect(run.exit_code).toBe(0)
  })

  test('counts add up, no column is new, no components disagree', () => {
    const own = receipts(output)
    expect(unbalanced(own)).toEqual([])
    expect(own.flatMap(each => each.unknown_columns)).toEqual([])
    expect(own.filter(each => each.component_mismatch > 0 || each.counts.quarantined > 0)).toEqual([])
  })
})

describe.skipIf(absent)('SPP (spp.md 13)', () => {
  const da = from('spp', 'da_energy_hourly')
  const rt = from('spp', 'rt_energy_5min')
  const numbers = (where: string) =>
    one(`SELECT count(*) AS rows, count(DISTINCT interval_start_utc) AS intervals, count(DISTINCT location_id) AS locations,
      round(sum(lmp), 4) AS total, min(lmp) AS least, max(lmp) AS most FROM ${where}`)

  test.each([
    ['2025-03-19', 29_616, 24, 1234, 299596.427, -111.8729, 240.2244],
    ['2025-11-02', 56, 25, 4, 1101.9338, -10.4192, 29.8468],
    ['2026-04-01', 57, 24, 7, 1180.6139, -10.1995, 43.5319],
    ['2026-06-04', 57, 24, 7, 1082.8179, 1.5039, 36.1592],
    ['2026-10-04', 74, 24, 5, 2557.6241, 22.7574, 76.8779],
  ])('day-ahead %s', async (day, rows, intervals, locations, total, least, most) => {
    const found = await numbers(`${da} WHERE delivery_date = DATE '${day}'`)
    expect(found).toEqual({ rows, intervals, locations, total, least, most })
  })

  test.each([
    ['13:35', 1234, 243954.8381, -95.4817, 2271.7646],
    ['13:45', 1234, 36093.8679, 26.4091, 37.0394],
    ['13:50', 1234, 42236.0924, 30.9384, 42.542],
  ])('real time 2025-03-31, interval that starts at %sZ', async (start, rows, total, least, most) => {
    const found = await numbers(`${rt} WHERE interval_start_utc = TIMESTAMPTZ '2025-03-31 ${start}:00Z'`)
    expect(found).toEqual({ rows, intervals: 1, locations: rows, total, least, most })
  })

  test('the empty file is empty, and its interval is a gap', () => {
    expect(runs.get('spp')?.empty.map(each => each.file)).toEqual(['spp/RTBM-LMP-SL-202503310845.csv'])
    const [receipt] = receipts(output).filter(each => each.iso === 'SPP' && each.dataset === 'rt_energy_5min')
    expect(receipt?.coverage['2025-03-31']).toMatchObject({ expected: 288, present: 3 })
  })

  test.each([da, rt])('lmp = energy + congestion + loss in every row, keys are single', async table => {
    const found = await one(`SELECT max(abs(lmp - energy - congestion - loss)) AS off, count(*) - count(DISTINCT
      (interval_start_utc, market_run, location_id, location_class)) AS twice FROM ${table}`)
    expect(found.off).toBeLessThan(0.00005)
    expect(found.twice).toBe(0)
  })

  test('day, areas and types', async () => {
    const span = await one(`SELECT ${at('min(interval_start_utc)')} AS first, ${at('max(interval_start_utc)')} AS last
      FROM ${da} WHERE delivery_date = DATE '2025-03-19'`)
    expect(span).toEqual({ first: '2025-03-19T05:00Z', last: '2025-03-20T04:00Z' })
    const types = await query(`SELECT location_type AS type, count(DISTINCT location_id) AS places
      FROM ${da} WHERE delivery_date = DATE '2025-03-19' AND zone = 'SPP' AND location_class = 'SL' GROUP BY 1 ORDER BY 2`)
    // SPPNORTH_HUB, SPPSOUTH_HUB and GRDA_HUB.
    expect(types[0]).toEqual({ type: 'HUB', places: 3 })
    expect(types.map(each => each.type)).toEqual(['HUB', 'INTERFACE', 'NODE'])
    const areas = await query(`SELECT DISTINCT zone FROM ${da} WHERE delivery_date >= DATE '2026-04-01' ORDER BY 1`)
    expect(areas.map(each => each.zone)).toEqual(['SPP', 'SWPW'])
  })

  test('the repeated hour of 2025-11-02 keeps both prices', async () => {
    const rows = await query(`SELECT ${at('interval_start_utc')} AS start, lmp, loss, congestion, energy FROM ${da}
      WHERE location_id = 'SPPNORTH_HUB' AND interval_start_local = TIMESTAMP '2025-11-02 01:00:00' ORDER BY 1`)
    expect(rows).toEqual([
      { start: '2025-11-02T06:00Z', lmp: 26.3047, loss: -0.2918, congestion: 4.7398, energy: 21.8567 },
      { start: '2025-11-02T07:00Z', lmp: 27.3118, loss: -0.2889, congestion: 5.9609, energy: 21.6398 },
    ])
  })

  test('reserve prices of the spring day: 23 hours, 6 zones, 7 products', async () => {
    const found =
      await one(`SELECT count(*) AS rows, count(DISTINCT interval_start_utc) AS hours, count(DISTINCT region) AS
      zones, count(DISTINCT product) AS products, count(DISTINCT product_standard) AS standards, any_value(unit) AS unit
      FROM ${from('spp', 'da_as_hourly')}`)
    expect(found).toEqual({ rows: 138 * 7, hours: 23, zones: 6, products: 7, standards: 7, unit: '$/MW' })
    const zone = await one(`SELECT region, price FROM ${from('spp', 'da_as_hourly')} WHERE product = 'RegUP'
      AND interval_start_utc = TIMESTAMPTZ '2025-03-09 07:00:00Z' AND region = '1'`)
    expect(zone).toEqual({ region: '1', price: 11.568 })
  })
})

describe.skipIf(absent)('ISO-NE', () => {
  const da = from('isone', 'da_energy_hourly')
  const rt = from('isone', 'rt_energy_hourly')

  test.each([
    [da, 29_016, 1209, 'DAM', 1, 'WW_DALMP_ISO', '2026-06-04T04:00Z', '2026-06-05T03:00Z'],
    [rt, 29_064, 1211, 'RT_HOURLY', 2, 'lmp_rt_final', '2026-06-02T04:00Z', '2026-06-03T03:00Z'],
  ])(
    'whole day %#: every row, components exact to the cent',
    async (table, rows, locations, run, revision, report, first, last) => {
      const found =
        await one(`SELECT count(*) AS rows, count(DISTINCT location_id) AS locations, any_value(market_run) AS run,
      max(revision) AS revision, bool_and(is_final) AS final, any_value(source_report) AS report,
      ${at('min(interval_start_utc)')} AS first, ${at('max(interval_start_utc)')} AS last,
      count(*) FILTER (round(lmp * 100) <> round(energy * 100) + round(congestion * 100) + round(loss * 100)) AS off
      FROM ${table}`)
      expect(found).toEqual({ rows, locations, run, revision, final: true, report, first, last, off: 0 })
    },
  )

  test('types and words', async () => {
    const types =
      await query(`SELECT location_class AS word, location_type AS type, count(DISTINCT location_id) AS places
      FROM ${da} GROUP BY ALL ORDER BY 3 DESC`)
    expect(types).toEqual([
      { word: 'NETWORK NODE', type: 'NODE', places: 1141 },
      { word: 'HUB NODE', type: 'NODE', places: 32 },
      { word: 'DRRAZ', type: 'AGGREGATE', places: 20 },
      { word: 'LOAD ZONE', type: 'ZONE', places: 8 },
      { word: 'EXT. NODE', type: 'INTERFACE', places: 7 },
      { word: 'HUB', type: 'HUB', places: 1 },
    ])
  })

  test('rows as printed', async () => {
    const rows = await query(`SELECT location, lmp, energy, congestion, loss, delivery_hour AS hour FROM ${rt}
      WHERE location_id = '4011' AND delivery_hour = 1 UNION ALL SELECT location, lmp, energy, congestion, loss, delivery_hour
      FROM ${da} WHERE location_id = '4000' AND delivery_hour = 24`)
    expect(rows).toEqual([
      { location: '.I.ROSETON 345 1', lmp: 30.79, energy: 34.72, congestion: -2.44, loss: -1.49, hour: 1 },
      { location: '.H.INTERNAL_HUB', lmp: 44.09, energy: 43.85, congestion: 0, loss: 0.24, hour: 24 },
    ])
  })
})

describe.skipIf(absent)('ERCOT', () => {
  const da = from('ercot', 'da_energy_hourly')
  const spp = from('ercot', 'rt_energy_15min')
  const as = from('ercot', 'da_as_hourly')

  test('real time, the 96 documents named 2022-01-31: 781 rows each, 13 names twice', async () => {
    // Names carry ends: the first interval is the last of 01-30, and the last one of 01-31 lies in a file of 02-01 that is not there.
    const day = `${spp} WHERE interval_end_utc BETWEEN TIMESTAMPTZ '2022-01-31 06:00:00Z' AND TIMESTAMPTZ '2022-02-01 05:45:00Z'`
    const found = await one(`SELECT count(*) AS intervals, min(rows) AS least, max(rows) AS most, min(names) AS names
      FROM (SELECT count(*) AS rows, count(DISTINCT location_id) AS names FROM ${day} GROUP BY interval_start_utc)`)
    expect(found).toEqual({ intervals: 96, least: 781, most: 781, names: 768 })
    const twice =
      await query(`SELECT location_id AS id, string_agg(DISTINCT location_class, ' ' ORDER BY location_class) AS
      words FROM ${day} GROUP BY 1 HAVING count(DISTINCT location_class) > 1 ORDER BY 1`)
    expect(twice).toHaveLength(13)
    expect(new Set(twice.map(each => each.words))).toEqual(new Set(['LZ LZEW', 'LZ_DC LZ_DCEW']))
    const differ = await one(`SELECT count(*) AS pairs, count(*) FILTER (a.lmp <> b.lmp) AS differ FROM
      (SELECT * FROM ${day} AND location_class = 'LZ') a JOIN (SELECT * FROM ${day} AND location_class = 'LZEW') b
      USING (location_id, interval_start_utc)`)
    expect(differ).toEqual({ pairs: 768, differ: 216 })
  })

  test('names carry the end: 01/30/2022 hour 24 interval 4 lies in 20220131_0000', async () => {
    const found =
      await one(`SELECT ${at('min(interval_start_utc)')} AS start, count(*) AS rows, any_value(market_run) AS run,
      any_value(source_report) AS report FROM ${spp} WHERE delivery_date = DATE '2022-01-30' AND delivery_hour = 24
      AND delivery_interval = 4`)
    expect(found).toEqual({ start: '2022-01-31T05:45Z', rows: 781, run: 'RTM_SPP', report: 'NP6-905-CD' })
  })

  test('a sheet saved from the annual workbook is another report', async () => {
    const found = await one(`SELECT count(*) AS rows, count(DISTINCT location_id) AS points, any_value(source_report) AS
      report FROM ${spp} WHERE delivery_date BETWEEN DATE '2024-08-01' AND DATE '2024-08-31'`)
    expect(found).toEqual({ rows: 11_904, points: 4, report: 'NP6-785-ER' })
  })

  test('day-ahead: whole days, types by name', async () => {
    const days = await query(`SELECT strftime(delivery_date, '%Y-%m-%d') AS day, count(*) AS rows,
      count(DISTINCT location_id) AS points, count(DISTINCT interval_start_utc) AS hours FROM ${da}
      WHERE location_id NOT IN ('HB_NORTH', 'HB_SOUTH') OR delivery_date < DATE '2024-01-01' GROUP BY 1 ORDER BY 1`)
    expect(days.find(each => each.day === '2022-02-01')).toEqual({
      day: '2022-02-01',
      rows: 18_432,
      points: 768,
      hours: 24,
    })
    expect(days.find(each => each.day === '2023-01-26')).toEqual({
      day: '2023-01-26',
      rows: 19_632,
      points: 818,
      hours: 24,
    })
    const types =
      await query(`SELECT location_class AS word, location_type AS type, count(DISTINCT location_id) AS points
      FROM ${da} WHERE delivery_date = DATE '2022-02-01' GROUP BY ALL ORDER BY 1`)
    expect(types).toEqual([
      { word: 'HU', type: 'HUB', points: 7 },
      { word: 'LZ', type: 'ZONE', points: 8 },
      { word: 'LZ_DC', type: 'DC_TIE', points: 5 },
      { word: 'RN', type: 'NODE', points: 748 },
    ])
    const row =
      await one(`SELECT lmp, energy FROM ${da} WHERE location_id = 'AEEC' AND delivery_date = DATE '2022-02-01'
      AND delivery_hour = 1`)
    expect(row).toEqual({ lmp: -2.31, energy: null })
  })

  test('API form: unordered rows, flags True and False, both nights of 2024', async () => {
    const days = await query(`SELECT strftime(delivery_date, '%m-%d') AS day, count(*) AS hours,
      ${at('max(interval_start_utc)')} AS last FROM ${da} WHERE location_id = 'HB_NORTH' AND delivery_date IN
      (DATE '2024-03-10', DATE '2024-11-03', DATE '2024-07-01') GROUP BY 1 ORDER BY 1`)
    expect(days).toEqual([
      { day: '03-10', hours: 23, last: '2024-03-11T04:00Z' },
      { day: '07-01', hours: 24, last: '2024-07-02T04:00Z' },
      { day: '11-03', hours: 25, last: '2024-11-04T05:00Z' },
    ])
    const twice =
      await query(`SELECT ${at('interval_start_utc')} AS start, lmp FROM ${da} WHERE location_id = 'HB_NORTH'
      AND interval_start_local = TIMESTAMP '2024-11-03 01:00:00' ORDER BY 1`)
    expect(twice).toEqual([
      { start: '2024-11-03T06:00Z', lmp: 10.49 },
      { start: '2024-11-03T07:00Z', lmp: 13.6 },
    ])
  })

  test('SCED runs: true starts, each ends where the next begins', async () => {
    const rows =
      await query(`SELECT strftime(interval_start_utc, '%H:%M:%S') AS start, strftime(interval_end_utc, '%H:%M:%S')
      AS stop, lmp, interval_minutes AS minutes FROM ${from('ercot', 'rt_energy_5min')} WHERE location_id = 'AEEC'
      ORDER BY interval_start_utc`)
    expect(rows).toHaveLength(24)
    expect(rows[0]).toEqual({ start: '06:00:45', stop: '06:05:17', lmp: 16.7, minutes: 5 })
    for (const [k, row] of rows.slice(1).entries()) expect(rows[k]?.stop).toBe(row.start)
    expect(rows.at(-1)).toMatchObject({ start: '07:55:15', stop: '08:00:15' })
  })

  test('day-ahead AS of 2014 on both nights, and as long files of 2022 to 2026', async () => {
    const days = await query(`SELECT strftime(delivery_date, '%m-%d') AS day, count(*) AS rows,
      count(DISTINCT interval_start_utc) AS hours FROM ${as} WHERE delivery_date IN
      (DATE '2014-03-09', DATE '2014-11-02', DATE '2014-07-01') GROUP BY 1 ORDER BY 1`)
    expect(days).toEqual([
      { day: '03-09', rows: 92, hours: 23 },
      { day: '07-01', rows: 96, hours: 24 },
      { day: '11-02', rows: 100, hours: 25 },
    ])
    const twice = await query(`SELECT ${at('interval_start_utc')} AS start, product, price FROM ${as}
      WHERE interval_start_local = TIMESTAMP '2014-11-02 01:00:00' AND product IN ('REGDN', 'REGUP') ORDER BY 1, 2`)
    expect(twice).toEqual([
      { start: '2014-11-02T06:00Z', product: 'REGDN', price: 10.96 },
      { start: '2014-11-02T06:00Z', product: 'REGUP', price: 3 },
      { start: '2014-11-02T07:00Z', product: 'REGDN', price: 9.11 },
      { start: '2014-11-02T07:00Z', product: 'REGUP', price: 3 },
    ])
    const products =
      await query(`SELECT year(delivery_date) AS year, source_report AS report, string_agg(DISTINCT product ||
      ' ' || product_standard, ', ' ORDER BY product || ' ' || product_standard) AS products FROM ${as} GROUP BY ALL ORDER BY 1`)
    const four = 'NSPIN NON_SPIN, REGDN REG_DOWN, REGUP REG_UP, RRS RESPONSIVE'
    expect(products).toEqual([
      { year: 2014, report: 'NP4-181-ER', products: four },
      { year: 2022, report: 'NP4-188-CD', products: four },
      { year: 2023, report: 'NP4-188-CD', products: four },
      { year: 2026, report: 'NP4-188-CD', products: `ECRS CONTINGENCY, ${four}` },
    ])
  })

  test('real-time AS, one interval of 15 minutes', async () => {
    const rows = await query(`SELECT product, price, ${at('interval_start_utc')} AS start, market_run AS run, region
      FROM ${from('ercot', 'rt_as_15min')} ORDER BY 1`)
    const same = { start: '2026-09-29T16:00Z', run: 'RTM', region: 'SYSTEM' }
    expect(rows).toEqual([
      { product: 'ECRS', price: 0.02, ...same },
      { product: 'NSPIN', price: 0.05, ...same },
      { product: 'REGDN', price: 1.51, ...same },
      { product: 'REGUP', price: 1.12, ...same },
      { product: 'RRS', price: 0.01, ...same },
    ])
  })
})

// Made-up files: what no sample shows.

const scratch = scratchFolder('made-three')
let made = 0

interface Outcome {
  readonly report: RunReport
  readonly output: string
  /** Rows of a data set, some columns of them. */
  readonly rows: (dataset: string, ...columns: string[]) => Promise<Row[]>
}

async function converted(iso: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<Outcome> {
  const folder = join(scratch, String(++made))
  put(join(folder, 'in', iso), files)
  const report = await convert(iso, join(folder, 'in'), join(folder, 'out'))
  expect(report.failures).toEqual([])
  expect(unbalanced(receipts(join(folder, 'out')))).toEqual([])
  return {
    report,
    output: join(folder, 'out'),
    rows: async (dataset, ...columns) =>
      (await rowsOf(join(folder, 'out'), iso, dataset)).map(row =>
        Object.fromEntries(columns.map(name => [name, row[name] ?? null])),
      ),
  }
}

const lines = (...all: string[]) => `${all.join('\n')}\n`
const reasons = (report: RunReport) => Object.fromEntries(report.out_of_scope.map(each => [each.file, each.reason]))

describe('SPP, made-up', () => {
  const header = 'Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC'
  const interval = (local: string, gmt: string, price: number) =>
    lines(header, `${local},${gmt},AEC,SOUC,${price},0,0,${price}`)

  test('the interval that ends at midnight lies in the day before, and is not opened to know it', async () => {
    const { report, rows } = await converted('spp', {
      '2024/06/By_Interval/30/RTBM-LMP-SL-202407010000.csv': interval('07/01/2024 00:00:00', '07/01/2024 05:00:00', 7),
    })
    expect(report.written.map(each => each.path)).toEqual([
      'parquet/spp/rt_energy_5min/year=2024/month=6/day=30/spp_rt_energy_5min_2024-06-30.parquet',
    ])
    expect(await rows('rt_energy_5min', 'interval_start_utc', 'delivery_date', 'delivery_hour', 'lmp')).toEqual([
      { interval_start_utc: '2024-07-01T04:55:00Z', delivery_date: '2024-06-30', delivery_hour: 24, lmp: 7 },
    ])
  })

  test('RePrice beats the daily file, which beats intervals; the `d` file is the repeated hour', async () => {
    const daily = 'Interval, GMT Interval, Settlement Location Name, PNODE Name,LMP,MLC,MCC,MEC'
    const { rows, report } = await converted('spp', {
      'RTBM-LMP-SL-202511020105.csv': interval('11/02/2025 01:05:00', '11/02/2025 06:05:00', 1),
      'RTBM-LMP-SL-202511020105d.csv': interval('11/02/2025 01:05:00', '11/02/2025 07:05:00', 2),
      'RTBM-LMP-SL-202511020110.csv': interval('11/02/2025 01:10:00', '11/02/2025 06:10:00', 3),
      'RTBM-LMP-SL-202511020115.csv': interval('11/02/2025 01:15:00', '11/02/2025 06:15:00', 4),
      'RTBM-LMP-DAILY-SL-20251102.csv': lines(
        daily,
        '11/02/2025 01:10:00,11/02/2025 06:10:00,AEC,SOUC,33,0,0,33',
        '11/02/2025 01:15:00,11/02/2025 06:15:00,AEC,SOUC,44,0,0,44',
      ),
      'RePrice/RTBM-LMP-SL-202511020115.csv': interval('11/02/2025 01:15:00', '11/02/2025 06:15:00', 444),
    })
    expect(await rows('rt_energy_5min', 'interval_start_utc', 'lmp', 'revision', 'is_final', 'source_report')).toEqual([
      {
        interval_start_utc: '2025-11-02T06:00:00Z',
        lmp: 1,
        revision: 1,
        is_final: false,
        source_report: 'RTBM-LMP-SL',
      },
      {
        interval_start_utc: '2025-11-02T06:05:00Z',
        lmp: 33,
        revision: 2,
        is_final: true,
        source_report: 'RTBM-LMP-DAILY-SL',
      },
      {
        interval_start_utc: '2025-11-02T06:10:00Z',
        lmp: 444,
        revision: 2,
        is_final: true,
        source_report: 'RTBM-LMP-SL',
      },
      {
        interval_start_utc: '2025-11-02T07:00:00Z',
        lmp: 2,
        revision: 1,
        is_final: false,
        source_report: 'RTBM-LMP-SL',
      },
    ])
    expect(report.datasets[0]).toMatchObject({ read: 7, superseded: 3 })
  })

  test('buses, trading hubs and interfaces; BAA in third and in last place', async () => {
    const { rows } = await converted('spp', {
      'DA-LMP-B-202604010100.csv': lines(
        'Interval,GMTIntervalEnd,Pnode,LMP,MLC,MCC,MEC,BAA',
        '04/01/2026 01:00:00,04/01/2026 06:00:00,MEC,1,0,0,1,SWPW',
      ),
      'DA-LMP-SL-202604010100.csv': lines(
        'Interval,GMTIntervalEnd,BAA,Settlement Location,Pnode,LMP,MLC,MCC,MEC',
        '4/1/2026 1:00,4/1/2026 6:00,SPP,MEC,MEC,2,-0.002,1,1.002',
        '4/1/2026 1:00,4/1/2026 6:00,SPP,SPPNORTH_HUB,N,3,0,0,3',
        '4/1/2026 1:00,4/1/2026 6:00,SPP,GRDA_HUB,G,4,0,0,4',
        '4/1/2026 1:00,4/1/2026 6:00,SPP,KCPLHUB24,K,5,0,0,5',
      ),
    })
    expect(await rows('da_energy_hourly', 'location_id', 'location_class', 'location_type', 'zone', 'lmp')).toEqual([
      { location_id: 'GRDA_HUB', location_class: 'SL', location_type: 'HUB', zone: 'SPP', lmp: 4 },
      { location_id: 'KCPLHUB24', location_class: 'SL', location_type: 'NODE', zone: 'SPP', lmp: 5 },
      { location_id: 'MEC', location_class: 'BUS', location_type: 'BUS', zone: 'SWPW', lmp: 1 },
      { location_id: 'MEC', location_class: 'SL', location_type: 'INTERFACE', zone: 'SPP', lmp: 2 },
      { location_id: 'SPPNORTH_HUB', location_class: 'SL', location_type: 'HUB', zone: 'SPP', lmp: 3 },
    ])
  })

  test('a year of zips: reserve prices in a nested zip, rollups and MW left out with their reason', async () => {
    const mcp =
      'Interval,GMTIntervalEnd,Reserve Zone,RegUPService,RegDNService,RegUpMile, RegDNMile,RampUP,RampDN,Spin,Supp'
    const row = '01/01/2023 00:05:00,01/01/2023 06:05:00,SPP,1,2,3,4,5,6,7,8'
    const year = makeZip([
      { name: 'RTBM_MCP_2023.csv.zip', data: makeZip([{ name: 'RTBM_MCP_2023.csv', data: lines(mcp, row) }]) },
      { name: '2023/01/By_Interval/01/RTBM-MCP-202301010005.csv', data: lines(mcp, row.replace(',1,2,3', ',9,9,9')) },
      { name: 'RTBM-OR-202301010005.csv', data: 'Interval,GMTIntervalEnd,Reserve Zone,RegUP_Clr\n' },
      { name: 'RTBM-LMP-MONTHLY-SL-202301.csv', data: 'Date, Settlement Location Name\n' },
      { name: '2023-RTBM-LMP-SL-ANNUAL-ROLLUP.csv', data: 'Date\n' },
      { name: 'WEIS-RTBM-LMP-SL-202301010005.csv', data: interval('01/01/2023 00:05:00', '01/01/2023 06:05:00', 1) },
      // One interval that ends on the hour could be day-ahead as well.
      { name: 'saved.csv', data: interval('01/01/2023 01:00:00', '01/01/2023 07:00:00', 1) },
    ])
    const { report, rows } = await converted('spp', { '2023.zip': year })
    expect(await rows('rt_as_5min', 'product', 'product_standard', 'price')).toEqual([
      { product: 'RampDN', product_standard: 'RAMP_DOWN', price: 6 },
      { product: 'RampUP', product_standard: 'RAMP_UP', price: 5 },
      { product: 'RegDNMile', product_standard: 'REG_MILEAGE_DOWN', price: 4 },
      { product: 'RegDNService', product_standard: 'REG_DOWN', price: 2 },
      { product: 'RegUPService', product_standard: 'REG_UP', price: 1 },
      { product: 'RegUpMile', product_standard: 'REG_MILEAGE_UP', price: 3 },
      { product: 'Spin', product_standard: 'SPIN', price: 7 },
      { product: 'Supp', product_standard: 'SUPPLEMENTAL', price: 8 },
    ])
    expect(reasons(report)).toEqual({
      'spp/2023.zip > RTBM-OR-202301010005.csv': expect.stringMatching(/MW/),
      'spp/2023.zip > RTBM-LMP-MONTHLY-SL-202301.csv': expect.stringMatching(/monthly rollup/),
      'spp/2023.zip > 2023-RTBM-LMP-SL-ANNUAL-ROLLUP.csv': expect.stringMatching(/annual rollup/),
      'spp/2023.zip > WEIS-RTBM-LMP-SL-202301010005.csv': expect.stringMatching(/another market/),
      'spp/2023.zip > saved.csv': expect.stringMatching(/published name/),
    })
    expect([report.problems, report.unknown]).toEqual([[], []])
  })
})

describe('ISO-NE, made-up', () => {
  const COLUMNS =
    '"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price","Energy Component","Congestion Component","Marginal Loss Component"'
  const framed = (title: string, generated: string, header: string, rows: readonly string[], count = rows.length) =>
    [
      `"C","${title}"`,
      `"C","Report generated: ${generated}"`,
      header,
      '"H","Date","HE"',
      ...rows.map(row => `"D",${row}`),
      `"T","${count} lines"`,
    ].join('\n')
  const da = (rows: readonly string[], generated = '03/01/2024 12:00:00 EST', count = rows.length) =>
    framed('Day-Ahead Energy Market Hourly LMP Report', generated, COLUMNS, rows, count)
  const hub = (date: string, label: string, price: number) =>
    `"${date}","${label}","4000",".H.INTERNAL_HUB","HUB",${price},${price},0.0,0.0`
  const starts = async ({ rows }: Outcome) => await rows('da_energy_hourly', 'interval_start_utc', 'lmp')

  test('the short day in both conventions, and a label too many', async () => {
    const either = [
      ['01', '02', '04'],
      ['01', '03', '04'],
    ]
    for (const labels of either) {
      const rows = labels.map((label, k) => hub('03/10/2024', label, k))
      expect(await starts(await converted('isone', { 'WW_DALMP_ISO_20240310.csv': da(rows) }))).toEqual([
        { interval_start_utc: '2024-03-10T05:00:00Z', lmp: 0 },
        { interval_start_utc: '2024-03-10T06:00:00Z', lmp: 1 },
        { interval_start_utc: '2024-03-10T07:00:00Z', lmp: 2 },
      ])
    }
    const both = ['01', '02', '03', '04'].map((label, k) => hub('03/10/2024', label, k))
    const outcome = await converted('isone', { 'WW_DALMP_ISO_20240310.csv': da(both) })
    expect((await starts(outcome)).map(row => row.lmp)).toEqual([0, 1, 3])
    expect(quarantined(outcome.output).map(each => each.code)).toEqual(['time.nonexistent'])
  })

  test('the long day has 02 and 02X', async () => {
    const rows = ['01', '02', '02X', '03'].map((label, k) => hub('11/03/2024', label, k))
    expect(await starts(await converted('isone', { 'WW_DALMP_ISO_20241103.csv': da(rows) }))).toEqual([
      { interval_start_utc: '2024-11-03T04:00:00Z', lmp: 0 },
      { interval_start_utc: '2024-11-03T05:00:00Z', lmp: 1 },
      { interval_start_utc: '2024-11-03T06:00:00Z', lmp: 2 },
      { interval_start_utc: '2024-11-03T07:00:00Z', lmp: 3 },
    ])
  })

  test('of two copies the one generated later wins, by the printed zone', async () => {
    const outcome = await converted('isone', {
      'a/WW_DALMP_ISO_20241103.csv': da([hub('11/03/2024', '01', 2)], '11/03/2024 01:10:00 EST'),
      'b/WW_DALMP_ISO_20241103.csv': da([hub('11/03/2024', '01', 1)], '11/03/2024 01:50:00 EDT'),
    })
    expect((await starts(outcome)).map(row => row.lmp)).toEqual([2])
  })

  test('a trailer that counts otherwise warns, a missing one is a problem, answers without data are empty', async () => {
    const rows = [hub('01/01/2024', '01', 1)]
    const { report } = await converted('isone', {
      'WW_DALMP_ISO_20240101.csv': da(rows, '12/31/2023 12:00:00 EST', 9),
      'WW_DALMP_ISO_20240102.csv': da([hub('01/02/2024', '01', 1)]).replace(/\n"T".*$/, '\n'),
      'WW_DALMP_ISO_20150102.csv': 'No data exists for this period.',
      'WW_DALMP_ISO_20240103.csv': da([]),
      'WW_DALMP_ISO_20240104.csv': '<!DOCTYPE html><html><body>403</body></html>',
    })
    expect(report.warnings).toEqual(['isone/WW_DALMP_ISO_20240101.csv: the closing line says 9 lines, and 1 were read'])
    expect(report.problems.map(each => each.code).sort()).toEqual(['csv.truncated', 'file.html'])
    expect(report.empty.map(each => each.file).sort()).toEqual([
      'isone/WW_DALMP_ISO_20150102.csv',
      'isone/WW_DALMP_ISO_20240103.csv',
    ])
  })

  test('preliminary hours: ids from the table and from a final file of the month, whatever the order; final wins', async () => {
    const rt = 'Real-Time Energy Market Hourly LMP Report'
    const names = '"H","Date","Hour Ending","Location","LMP","Energy Component","Congestion Component","Loss Component"'
    const node = '"321","UN.FRNKLNSQ13.810CC","NETWORK NODE"'
    const { rows, report } = await converted('isone', {
      'a/lmp_rt_prelim_20240601.csv': framed(rt, '06/01/2024 23:00:00 EDT', names, [
        '"06/01/2024",01,".H.INTERNAL_HUB",1,1,0,0',
        '"06/01/2024",01,"UN.FRNKLNSQ13.810CC",2,2,0,0',
        '"06/01/2024",01,"UN.NOBODY KNOWS",3,3,0,0',
        '"06/01/2024",02,"UN.FRNKLNSQ13.810CC",4,4,0,0',
      ]),
      'b/lmp_rt_final_20240601.csv': framed(rt, '06/05/2024 12:00:00 EDT', COLUMNS, [
        `"06/01/2024",01,${node},20,20,0,0`,
        '"06/01/2024",01,"4000",".H.INTERNAL_HUB","HUB",10,10,0,0',
      ]),
    })
    expect(report.datasets[0]).toMatchObject({ read: 6, superseded: 2, rows: 4 })
    expect(await rows('rt_energy_hourly', 'location', 'location_id', 'location_class', 'lmp', 'is_final')).toEqual([
      { location: 'UN.FRNKLNSQ13.810CC', location_id: '321', location_class: 'NETWORK NODE', lmp: 20, is_final: true },
      { location: 'UN.FRNKLNSQ13.810CC', location_id: '321', location_class: 'NETWORK NODE', lmp: 4, is_final: false },
      { location: '.H.INTERNAL_HUB', location_id: '4000', location_class: 'HUB', lmp: 10, is_final: true },
      { location: 'UN.NOBODY KNOWS', location_id: 'UN.NOBODY KNOWS', location_class: null, lmp: 3, is_final: false },
    ])
  })

  const FIVE = '"H","Local Time","Location ID","LMP","Energy Component","Congestion Component","Loss Component"'
  const five = (title: string, date: string, rows: readonly string[]) =>
    framed(title, '11/04/2024 12:00:00 EST', `"C","Report for: ${date} - ${date}"\n${FIVE}`, rows)

  test('5-minute block of the long night: a time without date, the repeated hour by row order', async () => {
    const times = ['00:55', '01:00', '01:05', '01:55', '01:00', '01:05', '01:55', '02:00']
    const rows = times.flatMap((time, k) => [`"${time}:00","4000",${k},${k},0,0`, `"${time}:00","999",${k},${k},0,0`])
    const { rows: found } = await converted('isone', {
      '5min-rt-final/lmp_5min_20241103_00-04.csv': five('Five-Minute Locational Marginal Prices', '11/03/2024', rows),
    })
    const all = await found('rt_energy_5min', 'interval_start_utc', 'location', 'location_type', 'lmp', 'is_final')
    const utc = ['04:55', '05:00', '05:05', '05:55', '06:00', '06:05', '06:55', '07:00']
    expect(all.slice(0, 8)).toEqual(
      utc.map((time, lmp) => ({
        interval_start_utc: `2024-11-03T${time}:00Z`,
        location: '.H.INTERNAL_HUB',
        location_type: 'HUB',
        lmp,
        is_final: true,
      })),
    )
    expect(all.slice(8).map(row => [row.location, row.location_type])).toEqual(utc.map(() => ['999', 'OTHER']))
  })

  test('5-minute blocks: final by folder or title beats preliminary; told by neither they warn', async () => {
    const block = (title: string, price: number) =>
      five(
        title,
        '11/04/2024',
        ['00:00', '00:05', '00:10'].map(time => `"${time}:00","4000",${price},${price},0,0`),
      )
    const plain = 'Five-Minute Locational Marginal Prices'
    const { rows, report } = await converted('isone', {
      'x/lmp_5min_20241104_00-04.csv': block(plain, 1),
      '5min-rt-prelim/lmp_5min_20241104_00-04.csv': block(plain, 2),
      'y/lmp_5min_20241104_00-04.csv': block(`${plain} - Final`, 3),
    })
    expect((await rows('rt_energy_5min', 'lmp', 'is_final')).map(row => [row.lmp, row.is_final])).toEqual(
      Array(3).fill([3, true]),
    )
    expect(report.warnings).toEqual([expect.stringMatching(/x\/lmp_5min_20241104_00-04.csv: neither its folder/)])
  })

  test('reserves and regulation under names that say nothing', async () => {
    const { rows, report } = await converted('isone', {
      'rzpd.csv': framed(
        'Final Hourly Reserve Zone Prices & Designations',
        '02/01/2024 12:00:00 EST',
        '"H","Date","Hour Ending","Reserve Zone ID","Ten-Minute Spinning Reserve Clearing Price","Ten-Minute Reserve Clearing Price","Total Reserve Clearing Price"',
        ['"01/01/2024","01","7000",1,2,3'],
      ),
      'a.csv': framed(
        'Five-Minute Reserve Zone Prices & Designation final version',
        '02/01/2024 12:00:00 EST',
        '"H","Local Time"," Reserve Zone ID"," Reserve Zone Name"," Ten-Minute Spinning Requirement","Ten Minute Spinning Reserve Designated MW","Ten-Minute Spinning Reserve Clearing Price","Ten-Minute Reserve Clearing Price","Total Reserve Clearing Price"',
        ['"01/01/2024 00:05:00","7001","SWCT",9,9,4,5,6'],
      ),
      'b.csv': framed(
        'Day-Ahead Hourly Reserve Requirements Prices Designations and Forecast',
        '02/28/2025 12:00:00 EST',
        '"H","Local Date","Hour Ending","Location ID","Ten Minute Spinning Reserve Clearing Price","Ten Minute Reserve Clearing Price","Total Thirty Reserve Clearing Price","FER Price"',
        ['"03/01/2025","01","7000",7,8,9,6'],
      ),
      'c.csv': framed(
        'Final Real-Time Five-Minute Regulation Clearing Prices',
        '02/01/2024 12:00:00 EST',
        '"H","Local Time","Regulation Service Clearing Price","Regulation Capacity Clearing Price"',
        ['"01/01/2024 00:05:01",0.1,20'],
      ),
      '20240102_freq_reg.csv': lines(
        'BeginDate,RegServiceClearingPrice,RegCapacityClearingPrice',
        '2024-01-02T00:00:00.000-05:00,0.2,30',
        '2024-01-02T00:05:02.000-05:00,0.3,31',
      ),
      'unit.csv': lines(
        'BeginDate,LocId,LocType,LocationName,LmpTotal,EnergyComponent,CongestionComponent,LossComponent',
      ),
    })
    expect(await rows('rt_as_hourly', 'region', 'product', 'product_standard', 'price', 'unit')).toEqual([
      { region: 'ROS', product: 'TmnsrClearingPrice', product_standard: 'NON_SPIN', price: 2, unit: '$/MWh' },
      { region: 'ROS', product: 'TmorClearingPrice', product_standard: 'OPERATING_30', price: 3, unit: '$/MWh' },
      { region: 'ROS', product: 'TmsrClearingPrice', product_standard: 'SPIN', price: 1, unit: '$/MWh' },
    ])
    expect((await rows('da_as_hourly', 'price')).map(row => row.price)).toEqual([6, 8, 9, 7])
    const finer = await rows('rt_as_5min', 'region', 'product', 'interval_start_utc', 'price')
    expect(finer.map(row => [row.region, row.product, row.interval_start_utc, row.price])).toEqual([
      ['SWCT', 'TmnsrClearingPrice', '2024-01-01T05:05:00Z', 5],
      ['SWCT', 'TmorClearingPrice', '2024-01-01T05:05:00Z', 6],
      ['SWCT', 'TmsrClearingPrice', '2024-01-01T05:05:00Z', 4],
      ['SYSTEM', 'RegCapacityClearingPrice', '2024-01-01T05:05:00Z', 20],
      ['SYSTEM', 'RegCapacityClearingPrice', '2024-01-02T05:00:00Z', 30],
      ['SYSTEM', 'RegCapacityClearingPrice', '2024-01-02T05:05:00Z', 31],
      ['SYSTEM', 'RegServiceClearingPrice', '2024-01-01T05:05:00Z', 0.1],
      ['SYSTEM', 'RegServiceClearingPrice', '2024-01-02T05:00:00Z', 0.2],
      ['SYSTEM', 'RegServiceClearingPrice', '2024-01-02T05:05:00Z', 0.3],
    ])
    expect(reasons(report)).toEqual({ 'isone/unit.csv': expect.stringMatching(/day-ahead or real-time/) })
    expect(receipts(join(scratch, String(made), 'out')).flatMap(each => each.unknown_columns)).toEqual([])
  })

  test('files of scripts: without tags, and flattened rows of the web service', async () => {
    const bare = COLUMNS.replace('"H",', '')
    const { rows } = await converted('isone', {
      '2024-01-01_lmp_day_ahead_hourly.csv': lines(bare, hub('01/01/2024', '1', 1)),
      '2024-01-01_lmp_real_time_5_min.csv': lines(bare, hub('01/01/2024', '1', 2)),
      '20240102_da_lmp_loc4000.csv': lines(
        'BeginDate,LocId,LocType,LocationName,LmpTotal,EnergyComponent,CongestionComponent,LossComponent',
        '2024-01-02T00:00:00.000-05:00,4000,HUB,.H.INTERNAL_HUB,3,3,0,0',
      ),
      '20240102_rt_lmp_loc4000.csv': lines(
        'BeginDate,LocId,LocType,LocationName,LmpTotal,EnergyComponent,CongestionComponent,LossComponent',
        '2024-01-02T00:05:00.000-05:00,4000,HUB,.H.INTERNAL_HUB,4,4,0,0',
      ),
    })
    const columns = ['interval_start_utc', 'location_id', 'location_class', 'lmp'] as const
    const at = (interval_start_utc: string, lmp: number) => ({
      interval_start_utc,
      location_id: '4000',
      location_class: 'HUB',
      lmp,
    })
    expect(await rows('da_energy_hourly', ...columns)).toEqual([
      at('2024-01-01T05:00:00Z', 1),
      at('2024-01-02T05:00:00Z', 3),
    ])
    expect(await rows('rt_energy_hourly', ...columns)).toEqual([at('2024-01-01T05:00:00Z', 2)])
    expect(await rows('rt_energy_5min', ...columns)).toEqual([at('2024-01-02T05:05:00Z', 4)])
  })
})

describe('ERCOT, made-up', () => {
  const cdr = (posted: string, name: string) => `cdr.00012301.0000000000000000.${posted}.${name}.csv`
  const SPP =
    'DeliveryDate,DeliveryHour,DeliveryInterval,SettlementPointName,SettlementPointType,SettlementPointPrice,DSTFlag'

  test('the repeated hour by its flag; the latest posting wins, whatever it is called and wherever it lies', async () => {
    const file = (hour: number, flag: string, price: number) =>
      lines(SPP, `11/03/2024,${hour},1,LZ_WEST,LZ, ${price},${flag}`)
    const retry = cdr('20241103.013000', 'SPPHLZNP6905_retry_20241103_0115')
    const { rows, report } = await converted('ercot', {
      [cdr('20241103.011700', 'SPPHLZNP6905_20241103_0115')]: file(2, 'N', 1),
      'bundle.zip': makeZip([
        { name: 'a.zip', data: makeZip([{ name: retry, data: file(2, 'N', 2) }]) },
        {
          name: 'b.zip',
          data: makeZip([
            { name: '__MACOSX/x', data: '' },
            { name: 'c.xml', data: '<?xml version="1.0"?>' },
          ]),
        },
      ]),
      [cdr('20241103.011800', 'SPPHLZNP6905_xhr_20241103_0115')]: file(2, 'Y', 3),
      [cdr('20241103.021700', 'SPPHLZNP6905_20241103_0215')]: file(3, 'Y', 4),
    })
    expect(await rows('rt_energy_15min', 'interval_start_utc', 'lmp')).toEqual([
      { interval_start_utc: '2024-11-03T06:00:00Z', lmp: 2 },
      { interval_start_utc: '2024-11-03T07:00:00Z', lmp: 3 },
    ])
    expect(report.datasets[0]).toMatchObject({ superseded: 1, quarantined: 1 })
  })

  test('SCED stamps of the repeated hour, off the grid, by flag', async () => {
    const file = (stamp: string, flag: string, price: number) =>
      lines('SCEDTimestamp,RepeatedHourFlag,SettlementPoint,LMP', `${stamp},${flag},HB_WEST,      ${price}`)
    const { rows } = await converted('ercot', {
      [cdr('20241103.015516', 'LMPSROSNODENP6788_20241103_015510')]: file('11/03/2024 01:55:10', 'N', 1),
      [cdr('20241103.010016', 'LMPSROSNODENP6788_xhr_20241103_010012')]: file('11/03/2024 01:00:12', 'Y', 2),
      'api.csv': lines('SCEDTimestamp,repeatHourFlag,settlementPoint,LMP', '2024-11-03T01:05:15,true,HB_WEST,3'),
    })
    expect(await rows('rt_energy_5min', 'interval_start_utc', 'interval_end_utc', 'lmp', 'location_class')).toEqual([
      {
        interval_start_utc: '2024-11-03T06:55:10Z',
        interval_end_utc: '2024-11-03T07:00:12Z',
        lmp: 1,
        location_class: 'HU',
      },
      {
        interval_start_utc: '2024-11-03T07:00:12Z',
        interval_end_utc: '2024-11-03T07:05:15Z',
        lmp: 2,
        location_class: 'HU',
      },
      {
        interval_start_utc: '2024-11-03T07:05:15Z',
        interval_end_utc: '2024-11-03T07:10:15Z',
        lmp: 3,
        location_class: 'HU',
      },
    ])
  })

  test('corrections beat what they correct; buses; real-time AS by run', async () => {
    const { rows, report } = await converted('ercot', {
      [cdr('20240101.120000', 'DAMSPNP4190')]: lines(
        'DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag',
        '01/02/2024,24:00,DC_E, 5.5,N',
        '01/02/2024,24:00,AEEC, 6,N',
      ),
      [cdr('20240103.120000', 'DAM_SPP')]: lines(
        'DeliveryDate,HourEnding,SettlementPoint,SPPOriginal,SPPCorrected,PriceCorrectionTime,DSTFlag',
        '01/02/2024,24:00,AEEC,6,7,01/03/2024 12:00:00,N',
      ),
      [cdr('20240101.120000', 'DAMHRLMPNP4183')]: lines(
        'DeliveryDate,HourEnding,BusName,LMP,DSTFlag',
        '01/02/2024,24:00,ADICKS__138C,23.2,N',
      ),
      'runs.csv': lines('SCEDTimestamp,RepeatedHourFlag,ASType,MCPC', '12/05/2025 00:00:14,N,ECRS,0.02'),
    })
    expect(
      await rows('da_energy_hourly', 'interval_start_utc', 'location_id', 'location_type', 'lmp', 'source_report'),
    ).toEqual(
      [
        ['ADICKS__138C', 'BUS', 23.2, 'NP4-183-CD'],
        ['AEEC', 'NODE', 7, 'NP4-196-M'],
        ['DC_E', 'DC_TIE', 5.5, 'NP4-190-CD'],
      ].map(([location_id, location_type, lmp, source_report]) => ({
        interval_start_utc: '2024-01-03T05:00:00Z',
        location_id,
        location_type,
        lmp,
        source_report,
      })),
    )
    expect(
      await rows('rt_as_5min', 'interval_start_utc', 'interval_end_utc', 'market_run', 'product', 'price'),
    ).toEqual([
      {
        interval_start_utc: '2025-12-05T06:00:14Z',
        interval_end_utc: '2025-12-05T06:05:14Z',
        market_run: 'SCED',
        product: 'ECRS',
        price: 0.02,
      },
    ])
    expect([report.unknown, report.out_of_scope, report.problems]).toEqual([[], [], []])
  })
})
