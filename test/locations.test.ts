/**
 * Files that give no more of a location than its name take its id from any source of the market, whatever partition is converted first;
 * when an id becomes known later, the rows follow. SYNTHETIC files in ISO-NE's published layouts.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { convert, foundTable, optionsFor, parquetFiles, withFolder } from './helpers/fixtures.js'

const header = (columns: string) =>
  `"H","Date","Hour Ending",${columns},"Locational Marginal Price","Energy Component","Congestion Component","Marginal Loss Component"`
const lines = (name: string, title: string, columns: string, rows: readonly string[]) =>
  [
    `"C","${title}"`,
    `"C","Filename: ${name}"`,
    header(columns),
    header(columns),
    ...rows.map(row => `"D",${row},"20.00","20.00","0.00","0.00"`),
    `"T","${rows.length} lines"`,
    '',
  ].join('\r\n')

const dayAhead = (day: string, us: string) =>
  lines(
    `WW_DALMP_ISO_${day}.csv`,
    'Day-Ahead Energy Market Hourly LMP Report',
    '"Location ID","Location Name","Location Type"',
    [`"${us}","01","321","LD.FIXTURE  13.8","NETWORK NODE"`],
  )
const preliminary = (day: string, us: string) =>
  lines(`lmp_rt_prelim_${day}.csv`, 'Real-Time Hourly LMP, preliminary', '"Location"', [
    `"${us}","01","LD.FIXTURE  13.8"`,
  ])

const put = (folder: string, name: string, text: string) => {
  const path = join(folder, 'isone', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const idsOf = async (output: string) =>
  (await foundTable(output))
    .filter(row => row[0] !== 'file')
    .map(row => `${row[0]} ${row.includes('321') ? '321' : 'name'}`)

test('the id comes from a data set and a month of its own, in one run or in two, in any order', async () => {
  await withFolder(async folder => {
    const [input, once, twice] = ['in', 'once', 'twice'].map(name => join(folder, name)) as [string, string, string]
    put(input, 'lmp_rt_prelim_20240703.csv', preliminary('20240703', '07/03/2024'))
    const alone = optionsFor(['isone'], input, twice)
    await convert(alone)
    expect(await idsOf(twice)).toEqual(['rt_energy_hourly/2024-07 name'])
    put(input, 'WW_DALMP_ISO_20240102.csv', dayAhead('20240102', '01/02/2024'))
    const report = await convert(alone)
    expect(report.exit_code).toBe(0)
    expect(await idsOf(twice)).toEqual(['da_energy_hourly/2024-01 321', 'rt_energy_hourly/2024-07 321'])
    await convert(optionsFor(['isone'], input, once))
    expect([...parquetFiles(once)]).toEqual([...parquetFiles(twice)])
    const again = await convert(alone)
    expect([again.written, again.up_to_date]).toEqual([[], 2])
  })
})
