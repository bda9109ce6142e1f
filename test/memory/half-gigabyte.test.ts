/**
 * What an ISO publishes at its largest, within half a gigabyte: a month of PJM's nodal day-ahead prices (10.5 million rows, 1.5 GB of
 * text) and a week of MISO's 5-minute prices in one file (5 million rows). SYNTHETIC prices; counts and sums are worked out here.
 */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, query, scratchFolder } from '../helpers/run.js'
import { archives, type Conversion, converted, GiB, generated, MiB, outputOf, tell } from './measured.js'

const LIMIT = 0.5
const scratch = scratchFolder('half-gigabyte')

function fits(run: Conversion): void {
  expect(run.status, run.stderr).toBe(0)
  expect(run.childPeak).toBeLessThanOrEqual(512 * MiB)
  expect(run.rootPeak).toBeLessThanOrEqual(150 * MiB)
  expect(run.wholePeak).toBeLessThanOrEqual(LIMIT * GiB)
}

const rowsIn = (folder: string, iso: string, dataset: string) =>
  `read_parquet('${join(outputOf(folder), 'parquet', iso, dataset)}/**/*.parquet', hive_partitioning = false)`

beforeAll(ensureBuilt)

describe('PJM, one month of all nodes', () => {
  const NODES = 14_143
  const HOURS = 31 * 24
  /** One hour a week, 200 locations stand twice. */
  const RESTATED = 4 * 200
  const folder = join(scratch, 'pjm')
  let run: Conversion

  beforeAll(async () => {
    run = await converted(folder, { input: join(generated.archive('full', 'pjm'), 'input'), limit: LIMIT })
    tell('PJM month', run)
  })

  test('is converted within the limit', () => fits(run))

  test('every row is there once', async () => {
    const [dataset] = run.report?.datasets ?? []
    expect(dataset).toMatchObject({ rows: HOURS * NODES, superseded: RESTATED, duplicate_identical: 0, quarantined: 0 })
    const [found] = await query(
      `SELECT count(*) AS rows, sum(keys) AS keys, count(*) FILTER (keys <> ${NODES}) AS odd, sum(rows) AS all FROM
         (SELECT count(*) AS rows, count(DISTINCT location_id) AS keys
          FROM ${rowsIn(folder, 'pjm', 'da_energy_hourly')} GROUP BY interval_start_utc)`,
    )
    expect(found).toEqual({ rows: HOURS, keys: HOURS * NODES, odd: 0, all: HOURS * NODES })
  })
})

describe('MISO, one week of 5-minute prices', () => {
  const NODES = 2480
  const INTERVALS = 2016
  const folder = join(scratch, 'miso')
  let run: Conversion

  beforeAll(async () => {
    expect(archives.misoWeek(folder, NODES)).toBe(INTERVALS * NODES)
    run = await converted(folder, { isos: ['miso'], limit: LIMIT })
    tell('MISO week', run)
  })

  test('is converted within the limit', () => fits(run))

  test('every row is there once, with its prices', async () => {
    // The formula of scripts/memory/archives.mjs, in cents.
    const sums = { energy: 0, congestion: 0, loss: 0 }
    for (let interval = 0; interval < INTERVALS; interval++)
      for (let node = 0; node < NODES; node++) {
        sums.energy += 2000 + ((interval * 37) % 1900)
        sums.congestion += ((node * 31 + interval * 7) % 900) - 300
        sums.loss += ((node * 17 + interval * 3) % 200) - 100
      }
    const cents = (name: string) => `sum(CAST(round(${name} * 100) AS BIGINT))::BIGINT AS ${name}`
    const table = rowsIn(folder, 'miso', 'rt_energy_5min')
    const [found] = await query(
      `SELECT count(*) AS rows, count(DISTINCT location) AS nodes, count(DISTINCT interval_start_utc) AS intervals,
         ${cents('lmp')}, ${cents('congestion')}, ${cents('loss')} FROM ${table}`,
    )
    expect(found).toEqual({
      rows: INTERVALS * NODES,
      nodes: NODES,
      intervals: INTERVALS,
      lmp: sums.energy + sums.congestion + sums.loss,
      congestion: sums.congestion,
      loss: sums.loss,
    })
    const [keys] = await query(
      `SELECT count(*) AS twice FROM (SELECT 1 FROM ${table} GROUP BY interval_start_utc, location HAVING count(*) > 1)`,
    )
    expect(keys).toEqual({ twice: 0 })
  })
})
