/** Inputs from the field and real files of 2026, cell by cell; what other programs got wrong with them is in each title. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../src/run/report.js'
import { convert, foundTable, optionsFor, withFolder } from './helpers/fixtures.js'
import { ROOT } from './helpers/run.js'

const FIELD = join(ROOT, '../shared/field')
const RECENT = join(ROOT, '../shared/samples-2026')
for (const folder of [FIELD, RECENT])
  if (!existsSync(folder)) console.log(`field: skipped, no folder ${basename(folder)} beside the repository`)

type Row = Record<string, string>
interface Found {
  readonly report: RunReport
  readonly rows: readonly Row[]
}

/** Converts what `put` lays into a folder. */
async function run(iso: string, put: (folder: string) => void): Promise<Found> {
  return await withFolder(async folder => {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')]
    mkdirSync(join(input, iso), { recursive: true })
    put(join(input, iso))
    const report = await convert(optionsFor([iso], input, output))
    expect(report.failures).toEqual([])
    return { report, rows: objects(await foundTable(output)) }
  })
}
const given = (iso: string, ...paths: string[]): Promise<Found> =>
  run(iso, folder => {
    for (const path of paths)
      cpSync(path, path.endsWith('raw') ? dirname(folder) : join(folder, basename(path)), { recursive: true })
  })
const made = (iso: string, files: Readonly<Record<string, string>>): Promise<Found> =>
  run(iso, folder => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  })

/** Rows of several data sets: a line of names stands before each. */
function objects(table: readonly string[][]): Row[] {
  let names: readonly string[] = []
  return table.flatMap(cells => {
    if (cells[0] !== 'file') return [Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']))]
    names = cells
    return []
  })
}
const pick = (rows: readonly Row[], ...names: string[]): string[] =>
  rows.map(row => names.map(name => (name === 'file' ? row.file?.split('/')[0] : row[name]) || '-').join(' '))
const of = (rows: readonly Row[], dataset: string): Row[] => rows.filter(row => row.file?.startsWith(`${dataset}/`))

describe.skipIf(!existsSync(FIELD))('ERCOT in the field', () => {
  test('01: the capped price is the price, the uncapped one its twin', async () => {
    const { report, rows } = await given('ercot', join(FIELD, '01-ercot-capped-uncapped-columns/raw'))
    expect(report.exit_code).toBe(0)
    expect(rows).toHaveLength(8)
    expect(pick(of(rows, 'rt_energy_5min'), 'interval_start_utc', 'location', 'lmp', 'lmp_uncapped')).toEqual([
      '2026-08-26T17:00:14Z BUSA__138A 31.1 -',
      '2026-08-26T17:00:14Z BUSB__69B 29.05 -',
      '2026-08-27T17:00:14Z BUSA__138A 5000 5210.4',
      '2026-08-27T17:00:14Z BUSB__69B 30.25 30.25',
    ])
    expect(pick(of(rows, 'rt_as_5min'), 'interval_start_utc', 'product', 'price', 'price_uncapped')).toEqual([
      '2026-08-26T17:00:14Z ECRS 0.42 -',
      '2026-08-27T17:00:14Z ECRS 0.51 0.51',
      '2026-08-26T17:00:14Z REGUP 3.1 -',
      '2026-08-27T17:00:14Z REGUP 2000 2417.55',
    ])
  })

  test('06: every kind of correction beats what it corrects', async () => {
    const { report, rows } = await given('ercot', join(FIELD, '06-ercot-price-corrections-kinds/raw'))
    expect(report.exit_code).toBe(0)
    const priced = rows.map(row => ({
      ...row,
      price: (row.lmp ?? '') + (row.price ?? ''),
      place: (row.location ?? '') + (row.product ?? ''),
    }))
    expect(pick(priced, 'file', 'place', 'price', 'revision').sort()).toEqual([
      'da_as_hourly NSPIN 1.15 1',
      'da_as_hourly REGUP 7.77 2',
      'da_energy_hourly BUSA__138A 60.6 2',
      'da_energy_hourly HB_WEST 66.6 2',
      'rt_as_15min REGUP 5.5 2',
      'rt_as_5min REGUP 4.9 2',
      'rt_energy_5min BUSA__138A 43.33 2',
      'rt_energy_5min HB_WEST 44.44 2',
    ])
  })
})
