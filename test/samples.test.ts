/** The real samples through the whole machine: the dossiers' own numbers, and every row against the oracle. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../src/model/unit.js'
import { closeAll, listMembers } from '../src/read/members.js'
import type { RunReport } from '../src/run/report.js'
import {
  convert,
  digest,
  filesBelow,
  parquetDigests,
  query,
  type Row,
  receipts,
  rowsOf,
  SAMPLES,
  samplesAbsent,
  scratchFolder,
  unbalanced,
} from './helpers/run.js'
import { type OracleFile, type OracleRow, oracle } from './oracle/index.js'

const absent = samplesAbsent('samples')
const output = scratchFolder('samples')
const ISOS = ['miso', 'pjm', 'nyiso'] as const
const runs = new Map<string, RunReport>()

beforeAll(async () => {
  if (!absent) for (const iso of ISOS) runs.set(iso, await convert(iso, SAMPLES, output))
})
afterAll(closeAll)

const glob = (iso: string, dataset: string) => `read_parquet('${output}/parquet/${iso}/${dataset}/**/*.parquet')`
const receiptsOf = (iso: string, dataset: string): Receipt[] =>
  receipts(output).filter(each => each.iso === iso && each.dataset === dataset)
const one = async (sql: string): Promise<Row> => (await query(sql))[0] as Row
const iso = (column: string) => `strftime(${column}, '%Y-%m-%dT%H:%MZ')`

describe.skipIf(absent)('MISO', () => {
  const da = glob('miso', 'da_energy_hourly')
  const day = `${da} WHERE delivery_date = DATE '2023-01-01'`

  test('20230101_da_expost_lmp.csv: 57,000 rows of 2,375 nodes and 24 hours', async () => {
    const found = await one(`SELECT count(*) AS rows, count(DISTINCT location_id) AS nodes,
      count(DISTINCT interval_start_utc) AS hours, ${iso('min(interval_start_utc)')} AS first,
      ${iso('max(interval_start_utc)')} AS last FROM ${day}`)
    expect(found).toEqual({
      rows: 57_000,
      nodes: 2375,
      hours: 24,
      first: '2023-01-01T05:00Z',
      last: '2023-01-02T04:00Z',
    })
  })

  test('energy is equal at all nodes of an hour to the cent, and lmp = energy + congestion + loss', async () => {
    const spread = await one(`SELECT max(spread) AS spread FROM (
      SELECT max(energy) - min(energy) AS spread FROM ${day} GROUP BY interval_start_utc)`)
    expect(spread.spread).toBe(0)
    const sums = await one(`SELECT count(*) AS off FROM ${day} AND abs(lmp - energy - congestion - loss) > 1e-6`)
    expect(sums.off).toBe(0)
    // Real time rounds each component on its own (miso.md 1.4).
    const rt = await one(`SELECT max(spread) AS spread FROM (SELECT max(energy) - min(energy) AS spread
      FROM ${glob('miso', 'rt_energy_hourly')} WHERE delivery_date = DATE '2023-01-01' GROUP BY interval_start_utc)`)
    expect(rt.spread).toBeLessThanOrEqual(0.0200001)
    expect(rt.spread).toBeGreaterThan(0)
  })

  test('types of the nodes', async () => {
    const types =
      await query(`SELECT location_class AS word, location_type AS type, count(DISTINCT location_id) AS nodes
      FROM ${day} GROUP BY ALL ORDER BY nodes DESC`)
    expect(types).toEqual([
      { word: 'Gennode', type: 'GEN', nodes: 1507 },
      { word: 'Loadzone', type: 'LOAD', nodes: 419 },
      { word: 'Hub', type: 'HUB', nodes: 403 },
      { word: 'Interface', type: 'INTERFACE', nodes: 46 },
    ])
  })

  test('the spring-forward day has 24 hours like any other', async () => {
    const hours =
      await one(`SELECT count(DISTINCT interval_start_utc) AS hours, ${iso('min(interval_start_utc)')} AS first,
      ${iso('max(interval_start_utc)')} AS last FROM ${da} WHERE delivery_date = DATE '2026-03-08'`)
    expect(hours).toEqual({ hours: 24, first: '2026-03-08T05:00Z', last: '2026-03-09T04:00Z' })
    const third = await one(`SELECT count(*) AS rows FROM ${da}
      WHERE interval_start_utc = TIMESTAMPTZ '2026-03-08 07:00:00Z' AND delivery_hour = 3`)
    expect(third.rows).toBeGreaterThan(0)
  })

  test('ancillary: 4,464 resource rows and 7 MISO-wide ones become 52 x 24, and the receipt says how', async () => {
    const as = glob('miso', 'da_as_hourly')
    const found = await one(`SELECT count(*) AS rows, count(*) FILTER (region = 'SYSTEM') AS wide,
      count(DISTINCT (region, product)) AS pairs FROM ${as}`)
    expect(found).toEqual({ rows: 52 * 24, wide: 7 * 24, pairs: 52 })
    const [receipt] = receiptsOf('MISO', 'da_as_hourly')
    expect(receipt?.counts).toMatchObject({
      read: (4464 + 7) * 24,
      written: 52 * 24,
      duplicate_identical: (4464 - 45) * 24,
      superseded: 0,
      quarantined: 0,
    })
  })

  test('the workbook is out of scope', () => {
    const note = runs.get('miso')?.out_of_scope.find(each => each.file === 'miso/20250310_df_al.xls')
    expect(note?.reason).toMatch(/workbook/i)
  })
})

describe.skipIf(absent)('PJM', () => {
  const da = glob('pjm', 'da_energy_hourly')
  const rt = glob('pjm', 'rt_energy_hourly')

  test('the restated year 2024: 8,784 hours, 22 identical and 2 superseded', async () => {
    const found = await one(`SELECT count(*) AS rows, count(DISTINCT interval_start_utc) AS hours,
      count(*) FILTER (revision = 2) AS second FROM ${rt} WHERE year(delivery_date) = 2024`)
    expect(found).toEqual({ rows: 8784, hours: 8784, second: 24 })
    const year = receiptsOf('PJM', 'rt_energy_hourly').filter(each => each.partition.startsWith('2024'))
    const total = (name: 'duplicate_identical' | 'superseded') => year.reduce((sum, each) => sum + each.counts[name], 0)
    expect([total('duplicate_identical'), total('superseded')]).toEqual([22, 2])
  })

  test('the two changed prices are the new ones', async () => {
    // What the file itself says: the hours whose False row differs from the True one.
    const text = readFileSync(join(SAMPLES, 'pjm/rto_zone_2024_restated/rt_hrl_lmps.csv'), 'utf8')
    const lines = text.split('\r\n').map(line => line.split(','))
    const old = new Map(lines.filter(cells => cells[12] === 'False').map(cells => [cells[0], cells[9]]))
    const changed = lines.filter(cells => cells[12] === 'True' && old.has(cells[0]) && old.get(cells[0]) !== cells[9])
    expect(changed).toHaveLength(2)
    expect(changed.some(cells => cells[0] === '3/6/2024 3:00:00 AM' && cells[9] === '40.164347')).toBe(true)
    for (const cells of changed) {
      const at = new Date(`${cells[0]} UTC`).toISOString()
      const row = await one(`SELECT lmp, revision, is_final FROM ${rt} WHERE interval_start_utc = TIMESTAMPTZ '${at}'`)
      expect(row).toEqual({ lmp: Number(cells[9]), revision: 2, is_final: true })
    }
  })

  test.each([
    ['2025-03-09', 23, '2025-03-09T05:00Z', '2025-03-10T03:00Z'],
    ['2025-11-02', 25, '2025-11-02T04:00Z', '2025-11-03T04:00Z'],
  ])('%s has %i hours', async (date, hours, first, last) => {
    const found = await one(`SELECT count(*) AS rows, count(DISTINCT interval_start_utc) AS hours,
      ${iso('min(interval_start_utc)')} AS first, ${iso('max(interval_start_utc)')} AS last,
      max(delivery_hour) AS hour FROM ${da} WHERE delivery_date = DATE '${date}' AND location_id = '1'`)
    expect(found).toEqual({ rows: hours, hours, first, last, hour: hours })
  })

  test('the two 1 AM hours of 2025-11-02 keep their two prices', async () => {
    const rows =
      await query(`SELECT ${iso('interval_start_utc')} AS at, strftime(interval_start_local, '%H:%M') AS wall,
      utc_offset_minutes AS shift, energy, lmp, congestion, loss FROM ${da}
      WHERE delivery_date = DATE '2025-11-02' AND location_id = '1' AND hour(interval_start_local) = 1 ORDER BY 1`)
    expect(rows).toEqual([
      {
        at: '2025-11-02T05:00Z',
        wall: '01:00',
        shift: -240,
        energy: 42.78,
        lmp: 43.002483,
        congestion: -0.022951,
        loss: 0.245435,
      },
      {
        at: '2025-11-02T06:00Z',
        wall: '01:00',
        shift: -300,
        energy: 38.71,
        lmp: 39.234239,
        congestion: 0.123797,
        loss: 0.400442,
      },
    ])
  })

  test('a whole year has 8,760 hours, and a file that ends with one hour of another day is complete', async () => {
    // 2025-01-01 .. 2025-12-31 00:00 EPT (pjm.md 2): one hour of the last day.
    const found = await one(
      `SELECT count(*) AS rows FROM ${da} WHERE location_id = '1' AND delivery_date < DATE '2025-12-31'`,
    )
    expect(found.rows).toBe(8760 - 24)
  })
})

describe.skipIf(absent)('NYISO', () => {
  const rtd = glob('nyiso', 'rt_energy_5min')

  test.each(['2016-10-23', '2016-10-24', '2016-10-26'])(
    '%s: energy agrees across the 15 names within 0.02',
    async day => {
      const found =
        await one(`SELECT count(*) AS intervals, max(spread) AS spread, min(names) AS least, max(names) AS most
      FROM (SELECT max(energy) - min(energy) AS spread, count(*) AS names FROM ${rtd}
      WHERE delivery_date = DATE '${day}' GROUP BY interval_start_utc)`)
      expect(found).toMatchObject({ intervals: day === '2016-10-24' ? 292 : 288, least: 15, most: 15 })
      expect(found.spread).toBeLessThanOrEqual(0.0200001)
    },
  )

  test('the day-ahead day of 2026 agrees too', async () => {
    const found = await one(`SELECT max(spread) AS spread FROM (SELECT max(energy) - min(energy) AS spread
      FROM ${glob('nyiso', 'da_energy_hourly')} WHERE delivery_date = DATE '2026-09-23' GROUP BY interval_start_utc)`)
    expect(found.spread).toBeLessThanOrEqual(0.0200001)
  })

  test('2021-11-07: the runs around the repeated hour, off-grid stamps included', async () => {
    const rows = await query(`SELECT strftime(interval_start_utc, '%H:%M:%S') AS start,
      strftime(interval_end_utc, '%H:%M:%S') AS stop, lmp FROM ${rtd} WHERE delivery_date = DATE '2021-11-07'
      AND interval_end_utc BETWEEN TIMESTAMPTZ '2021-11-07 05:55:00Z' AND TIMESTAMPTZ '2021-11-07 06:10:00Z' ORDER BY 1`)
    expect(rows).toEqual([
      { start: '05:50:00', stop: '05:55:00', lmp: 109.59 },
      { start: '05:55:00', stop: '05:57:48', lmp: 405.17 },
      { start: '05:57:48', stop: '06:00:00', lmp: 173.93 },
      { start: '06:00:00', stop: '06:02:48', lmp: 173.93 },
      { start: '06:02:48', stop: '06:05:00', lmp: 173.93 },
      { start: '06:05:00', stop: '06:08:12', lmp: 173.93 },
      { start: '06:08:12', stop: '06:10:00', lmp: 57.38 },
    ])
  })

  test.each([
    [2, 124.31],
    [3, 77.54],
  ])('2021-11-07: hour %i of the day weighs to the published %f', async (hour, published) => {
    const found = await one(`SELECT sum(lmp * epoch(interval_end_utc - interval_start_utc)) / 3600 AS weighted,
      sum(epoch(interval_end_utc - interval_start_utc)) AS seconds FROM ${rtd}
      WHERE delivery_date = DATE '2021-11-07' AND delivery_hour = ${hour}`)
    expect(found.seconds).toBe(3600)
    expect(found.weighted).toBeCloseTo(published, 2)
  })

  test('2025-03-09 has 23 hours, 2025-11-02 has 25 and keeps both prices of 1 AM', async () => {
    const spring = await query(`SELECT location, count(DISTINCT interval_start_utc) AS hours, count(*) AS rows
      FROM ${glob('nyiso', 'rt_energy_hourly')} WHERE delivery_date = DATE '2025-03-09' GROUP BY ALL`)
    expect(spring).toHaveLength(3)
    for (const each of spring) expect(each).toMatchObject({ hours: 23, rows: 23 })
    const autumn = await query(`SELECT location, ${iso('interval_start_utc')} AS began, lmp FROM
      ${glob('nyiso', 'da_energy_hourly')} WHERE delivery_date = DATE '2025-11-02' ORDER BY location, began`)
    expect(autumn).toHaveLength(50)
    expect(autumn.filter(row => row.location === 'WEST').slice(1, 3)).toEqual([
      { location: 'WEST', began: '2025-11-02T05:00Z', lmp: 50.72 },
      { location: 'WEST', began: '2025-11-02T06:00Z', lmp: 48.63 },
    ])
    expect(autumn.filter(row => row.location === 'CAPITL').slice(1, 3)).toMatchObject([{ lmp: 52.73 }, { lmp: 51.44 }])
  })
})

/** Readable things below a folder, as the report names them. */
async function thingsIn(market: string): Promise<string[]> {
  const things: string[] = []
  for (const name of filesBelow(join(SAMPLES, market))) {
    const { members, problems } = await listMembers(join(SAMPLES, market, name))
    expect(problems).toEqual([])
    for (const member of members) things.push([`${market}/${name}`, ...member.entries].join(' > '))
  }
  return things.sort()
}

describe.skipIf(absent).each(ISOS)('%s as a whole', market => {
  test('every file stands in exactly one list of the report', async () => {
    const report = runs.get(market) as RunReport
    const taken = new Set(
      receipts(output)
        .filter(each => each.iso === market.toUpperCase())
        .flatMap(each => each.inputs.map(({ path, entry }) => [path, entry].filter(Boolean).join(' > '))),
    )
    const lists: [string, readonly string[]][] = [
      ['taken', [...taken]],
      ['empty', report.empty.map(each => each.file)],
      ['out of scope', report.out_of_scope.map(each => each.file)],
      ['unknown', report.unknown.map(each => each.file)],
      ['problem', report.problems.map(each => each.file)],
    ]
    const where = new Map<string, string[]>()
    for (const [list, names] of lists) for (const name of names) where.set(name, [...(where.get(name) ?? []), list])
    expect([...where].filter(([, found]) => found.length > 1)).toEqual([])
    expect([...where.keys()].sort()).toEqual(await thingsIn(market))
    // No sample of these markets is damaged; only the index of the folder is nobody's file.
    expect(report.problems).toEqual([])
    expect(report.unknown.map(each => each.file)).toEqual([`${market}/INDEX.tsv`])
    expect(report.exit_code).toBe(0)
  })

  test('the receipts add up and no row was rejected', () => {
    const own = receipts(output).filter(each => each.iso === market.toUpperCase())
    expect(own.length).toBeGreaterThan(0)
    expect(unbalanced(own)).toEqual([])
    expect(own.filter(each => each.counts.quarantined > 0).map(each => each.dataset)).toEqual([])
    expect(own.filter(each => each.component_mismatch > 0).map(each => each.partition)).toEqual([])
    expect(own.flatMap(each => each.unknown_columns)).toEqual([])
  })

  test('all rows equal the oracle’s, column by column', async () => {
    const files = filesBelow(join(SAMPLES, market), /\.csv$/).map(
      (name): OracleFile => ({
        // Samples that were cut carry that in their name; the oracle knows published names only.
        name: basename(name).replace(/_cut.*\.csv$/, '.csv'),
        content: readFileSync(join(SAMPLES, market, name)),
      }),
    )
    const wanted = oracle(market.toUpperCase() as 'MISO', files)
    const datasets = [...new Set(wanted.rows.map(row => row.dataset))]
    // The oracle knows prices; PJM's metered load has its fixtures.
    const written = readdirSync(join(output, 'parquet', market)).filter(name => name !== 'load_hourly')
    expect(written.sort()).toEqual(datasets.sort())
    for (const dataset of datasets) {
      const found = await rowsOf(output, market, dataset)
      const daily = dataset === 'rt_energy_5min'
      const leaf = (row: OracleRow) => String(row.delivery_date).slice(0, daily ? 10 : 7)
      const rows = wanted.rows.filter(row => row.dataset === dataset)
      // Files in the order of their names; the oracle's rows are sorted within each.
      const leaves = [...new Set(rows.map(leaf))].sort(byPath)
      const expected = leaves.flatMap(key => rows.filter(row => leaf(row) === key))
      expect(found.length, dataset).toBe(expected.length)
      expect(differences(found, expected), dataset).toEqual([])
    }
    const counts = receipts(output).filter(each => each.iso === market.toUpperCase())
    const sum = (name: 'duplicate_identical' | 'superseded') =>
      counts.reduce((total, each) => total + each.counts[name], 0)
    expect([sum('duplicate_identical'), sum('superseded')]).toEqual([wanted.duplicateIdentical, wanted.superseded])
  })

  test('a second run does nothing', async () => {
    const state = () =>
      filesBelow(output, /^(parquet|receipts|quarantine)\//).map(name => {
        const path = join(output, name)
        return [name, statSync(path).mtimeMs, digest(path)]
      })
    const before = state()
    const again = await convert(market, SAMPLES, output)
    expect(again.written).toEqual([])
    expect(again.up_to_date).toBe(receipts(output).filter(each => each.iso === market.toUpperCase()).length)
    expect(again.exit_code).toBe(runs.get(market)?.exit_code)
    expect(state()).toEqual(before)
  })

  test('and a forced one gives the same bytes', async () => {
    const before = parquetDigests(output)
    await convert(market, SAMPLES, output, { force: true, batchSize: 1 })
    expect(parquetDigests(output)).toEqual(before)
  })
})

/** `month=10` stands before `month=2` in a listing. */
function byPath(a: string, b: string): number {
  const path = (key: string) => {
    const [year, month, day] = key.split('-').map(Number)
    return `year=${year}/month=${month}/${day === undefined ? 'a' : `day=${day}/a`}`
  }
  return path(a) < path(b) ? -1 : 1
}

/** The first few cells that differ. */
function differences(found: readonly Row[], expected: readonly OracleRow[]): string[] {
  const wrong: string[] = []
  for (const [at, row] of expected.entries()) {
    const own = found[at] as Row
    const columns = Object.keys(row).filter(name => name !== 'dataset')
    if (at === 0 && Object.keys(own).join() !== columns.join()) wrong.push(`columns ${Object.keys(own).join()}`)
    for (const name of columns)
      if (!Object.is(own[name], row[name]))
        wrong.push(
          `row ${at} ${name}: ${JSON.stringify(own[name])}, oracle ${JSON.stringify(row[name])} (${row.interval_start_utc} ${row.location ?? row.product})`,
        )
    if (wrong.length > 10) break
  }
  return wrong
}
