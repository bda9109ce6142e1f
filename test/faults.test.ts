/** Bad input: files that are cut, wrong, hostile or late (RELIABILITY.md F12 to F29). Faults of the machine stand in faults-run.test.ts. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { summaryText } from '../src/cli/output.js'
import {
  convert,
  dateAfter,
  digits,
  easternDay,
  filesBelow,
  misoDay,
  nyisoDay,
  parquetDigests,
  pjmFile,
  put,
  quarantined,
  receipts,
  rowsOf,
  scratchFolder,
  unbalanced,
} from './helpers/run.js'
import { type FileSpec, makeZip } from './helpers/zip.js'

const scratch = scratchFolder('faults')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))

const DAY = '2024-03-05'
const NAME = `${digits(DAY)}_da_expost_lmp.csv`
const GOOD = misoDay('da_expost_lmp', DAY)
const GOOD_ROWS = 3 * 24
const zipName = 'january.zip'

/** Converts files by name, and says what came of it. */
async function run(iso: string, files: Readonly<Record<string, string | Uint8Array>>, output = fresh()) {
  const input = put(fresh(), files)
  const report = await convert(iso, input, output)
  expect(report.failures, 'no unit fails for what a file holds').toEqual([])
  const all = receipts(output)
  expect(unbalanced(all)).toEqual([])
  return {
    report,
    input,
    output,
    codes: [...new Set(report.problems.map(each => each.code))],
    receipts: all,
    rows: all.reduce((sum, each) => sum + each.counts.written, 0),
    bad: quarantined(output),
    warnings: all.flatMap(each => each.warnings).join('\n'),
  }
}

const zipped = (files: readonly FileSpec[], spec = {}) => ({ [zipName]: makeZip(files, spec) })
const OTHER_DAY = dateAfter(DAY, 1)
const OTHER = { [`${digits(OTHER_DAY)}_da_expost_lmp.csv`]: misoDay('da_expost_lmp', OTHER_DAY) }

describe('F12 files that are not what they are called', () => {
  test.each([
    ['a truncated zip', zipped([{ name: NAME, data: GOOD }], { cutAt: 400 }), 'zip.truncated'],
    ['a web page called .csv', { [NAME]: '<!DOCTYPE html><html><body>503</body></html>' }, 'file.html'],
    ['a web page called .zip', { [`${NAME}.zip`]: '<html><head><title>404</title></head></html>' }, 'file.html'],
    ['an error document', { [NAME]: '{"errors": [{"field": "Filters", "message": "no"}]}' }, 'file.json'],
  ])('F12 %s is a problem; the other file is converted, exit 65', async (_, files, code) => {
    const { report, codes, rows } = await run('miso', { ...files, ...OTHER } as Record<string, string | Uint8Array>)
    expect(codes).toEqual([code])
    expect(report.exit_code).toBe(65)
    expect(rows).toBe(GOOD_ROWS)
  })

  test('F12 a file without bytes is empty, not an error: exit 0 with others, listed', async () => {
    const { report, rows } = await run('miso', { [NAME]: '', ...OTHER })
    expect(report.empty.map(each => each.file)).toEqual([NAME])
    expect([report.exit_code, rows]).toEqual([0, GOOD_ROWS])
  })

  test('F12 a zip without bytes is listed and never silent', async () => {
    const { report } = await run('miso', { [zipName]: '', ...OTHER })
    const listed = [...report.empty, ...report.unknown, ...report.problems].map(each => each.file)
    expect(listed.filter(each => each.endsWith(zipName))).toHaveLength(1)
  })

  test('F12 the next run still says that a file is bad', async () => {
    const { report, input, output } = await run('miso', { [NAME]: '<html><body>x</body></html>', ...OTHER })
    const again = await convert('miso', input, output)
    expect(again.written).toEqual([])
    expect([report.exit_code, again.exit_code]).toEqual([65, 65])
    expect(again.problems).toEqual(report.problems)
  })
})

describe('F13 to F18 zips', () => {
  test('F13 an entry with a wrong CRC gives no row, its neighbours do', async () => {
    const [other, content] = Object.entries(OTHER)[0] as [string, string]
    const {
      report,
      rows,
      codes,
      receipts: all,
    } = await run(
      'miso',
      zipped([
        { name: NAME, data: GOOD, both: { crc32: 12345 } },
        { name: other, data: content },
      ]),
    )
    expect(codes).toEqual(['zip.crc'])
    expect(report.exit_code).toBe(65)
    expect(rows).toBe(GOOD_ROWS)
    expect(
      Object.entries(all[0]?.coverage ?? {})
        .filter(([, day]) => day.present > 0)
        .map(([day]) => day),
    ).toEqual([OTHER_DAY])
  })

  test('F13 a better copy of the same day stands in for the damaged one', async () => {
    const { report, rows } = await run('miso', {
      ...zipped([{ name: NAME, data: GOOD, both: { crc32: 12345 } }]),
      [NAME]: GOOD,
    })
    expect([report.exit_code, rows]).toEqual([65, GOOD_ROWS])
  })

  test('F14 a central directory that is wrong where the local header is right is read, with a warning', async () => {
    const { report, rows, warnings } = await run(
      'miso',
      zipped([{ name: NAME, data: GOOD, central: { size: 10, compressedSize: 12 } }]),
    )
    expect([report.exit_code, rows, report.problems]).toEqual([0, GOOD_ROWS, []])
    expect(`${warnings}${report.warnings.join()}`).toMatch(/central|directory|header/i)
  })

  test.each([
    ['trailing bytes', { trailing: Buffer.from('<!-- appended by a proxy -->') }],
    ['leading bytes', { leading: Buffer.from('HTTP/1.1 200 OK\r\n\r\n') }],
    ['leading bytes that the offsets count', { leading: Buffer.alloc(512, 1), countLeading: true }],
  ])('F15 %s: read, with a warning', async (_, spec) => {
    const { report, rows, warnings } = await run('miso', zipped([{ name: NAME, data: GOOD }], spec))
    expect([report.exit_code, rows]).toEqual([0, GOOD_ROWS])
    expect(`${warnings}${report.warnings.join()}`).toMatch(/bytes|skipped/i)
  })

  test('F16 names are only text: nothing is written outside the output, all rows are read', async () => {
    const names = ['../../evil/', '/etc/', 'C:\\', '..\\..\\', `${'long/'.repeat(800)}`, 'nul\0/'].map(
      (prefix, at) => `${prefix}${digits(dateAfter(DAY, at))}_da_expost_lmp.csv`,
    )
    const output = join(fresh(), 'deep/out')
    const files = names.map((name, at) => ({ name, data: misoDay('da_expost_lmp', dateAfter(DAY, at)) }))
    const { rows, report, receipts: all } = await run('miso', zipped(files), output)
    expect(rows + 0).toBe(names.length * GOOD_ROWS)
    expect(report.exit_code).toBe(0)
    expect(all).toHaveLength(1)
    expect(filesBelow(join(output, '../..')).filter(name => !name.startsWith('deep/out/'))).toEqual([])
    for (const name of filesBelow(output))
      expect(name).toMatch(/^(parquet|receipts|cache|metadata)\/|^(catalog\.json|views\.sql)$/)
  })

  test('F16 two entries of one name are both read', async () => {
    const {
      rows,
      receipts: all,
      warnings,
    } = await run(
      'miso',
      zipped([
        { name: NAME, data: GOOD },
        { name: NAME, data: misoDay('da_expost_lmp', DAY, { seed: 1, nodes: 4 }) },
      ]),
    )
    expect(rows).toBe(4 * 24)
    expect(all[0]?.counts).toMatchObject({ read: 7 * 24 })
    expect(warnings).toMatch(/twice|same name|duplicate|both are read/i)
  })

  test('F17 300 MB of zeros in 300 kB stay small in memory and give no row', async () => {
    const before = process.memoryUsage().rss
    const { report, rows } = await run('miso', { ...zipped([{ name: NAME, data: Buffer.alloc(300 << 20) }]), ...OTHER })
    // The buffer of this test itself is 300 MB; its text form in a scanner would be that again.
    expect(process.memoryUsage().rss - before).toBeLessThan(600 << 20)
    expect([report.exit_code, rows, report.problems.length]).toEqual([65, GOOD_ROWS, 1])
  })

  test('F17 zips nested deeper than three levels, and overlapping entries', async () => {
    let nested: Uint8Array = makeZip([{ name: NAME, data: GOOD }])
    for (let depth = 0; depth < 10; depth++) nested = makeZip([{ name: `level${depth}.zip`, data: nested }])
    const deep = await run('miso', { [zipName]: nested, ...OTHER })
    expect([deep.codes, deep.report.exit_code, deep.rows]).toEqual([['zip.bomb'], 65, GOOD_ROWS])
    const overlapping = await run('miso', {
      ...zipped([
        { name: NAME, data: GOOD },
        { name: `${digits(OTHER_DAY)}_da_expost_lmp.csv`, data: GOOD, sharedWith: 0 },
      ]),
    })
    expect(overlapping.report.exit_code).toBe(65)
    expect(overlapping.codes.length).toBeGreaterThan(0)
  })

  test.each([
    ['encrypted', { encrypted: true }],
    ['method 9', { method: 9 }],
    ['method 12', { method: 12 }],
    ['method 93', { method: 93 }],
  ])('F18 %s: zip.unsupported, the rest is read', async (_, fields) => {
    const { codes, report, rows } = await run('miso', { ...zipped([{ name: NAME, data: GOOD, ...fields }]), ...OTHER })
    expect([codes, report.exit_code, rows]).toEqual([['zip.unsupported'], 65, GOOD_ROWS])
  })
})

const PJM_DAY = easternDay(DAY)
const PJM = pjmFile([{ ...PJM_DAY }])
const PJM_ROWS = 3 * 24

describe('F19 to F22 text', () => {
  const lines = PJM.trimEnd().split('\r\n')
  const quoted = lines.map(line => line.replaceAll(/[^,]+/g, '"$&"')).join('\r\n')
  const utf8 = Buffer.from(PJM)
  test.each<[string, string | Uint8Array]>([
    ['LF', PJM.replaceAll('\r\n', '\n')],
    ['CR alone', PJM.replaceAll('\r\n', '\r')],
    ['a byte order mark', Buffer.concat([Buffer.from('\uFEFF'), utf8])],
    ['a byte order mark read as Latin-1', Buffer.from(`ï»¿${PJM}`)],
    ['no last line end', PJM.trimEnd()],
    ['every cell quoted', quoted],
    ['blank lines', PJM.replaceAll('\r\n', '\r\n\r\n')],
    ['trailing commas', PJM.replaceAll('\r\n', ',,\r\n')],
    ['a name with a comma and doubled quotes', PJM.replaceAll('NODE 1', '"NODE ""1"", A"')],
    ['a name with a line end inside', PJM.replaceAll('NODE 1', '"NODE\n1"')],
    ['a Latin-1 name', Buffer.from(PJM.replaceAll('NODE 1', 'NUDO \xf1'), 'latin1')],
    ['blanks around numbers and names', PJM.replaceAll(',', ' , ')],
    ['other letter case and spaced headers', PJM.replace(lines[0] as string, (lines[0] as string).toUpperCase())],
  ])('F19 %s: every row is read', async (what, content) => {
    const { rows, report, bad } = await run('pjm', { 'da_hrl_lmps.csv': content })
    expect(bad.slice(0, 2)).toEqual([])
    expect([rows, report.exit_code]).toEqual([PJM_ROWS, 0])
    if (what === 'CR alone' || what === 'LF') return
    expect(report.problems).toEqual([])
  })

  test('F19 values survive the odd spellings', async () => {
    const plain = await run('pjm', { 'da_hrl_lmps.csv': PJM })
    const odd = await run('pjm', { 'da_hrl_lmps.csv': Buffer.concat([Buffer.from('\uFEFF'), Buffer.from(quoted)]) })
    const read = (output: string) => rowsOf(output, 'pjm', 'da_energy_hourly')
    expect(await read(odd.output)).toEqual(await read(plain.output))
  })

  test('F19 quoted thousands', async () => {
    const content = GOOD.replace(/(NODE\.0,Hub,LMP),[-\d.]+/, '$1,"1,234.50"')
    const { output } = await run('miso', { [NAME]: content })
    const [row] = await rowsOf(output, 'miso', 'da_energy_hourly', "location = 'NODE.0' AND delivery_hour = 1")
    expect(row?.lmp).toBe(1234.5)
  })

  test.each<[string, string | Uint8Array, string]>([
    ['UTF-16', Buffer.from(`\uFEFF${PJM}`, 'utf16le'), 'file.utf16'],
    ['NUL bytes', Buffer.concat([utf8.subarray(0, 900), Buffer.alloc(64), utf8.subarray(900)]), 'file.binary'],
    ['semicolons', PJM.replaceAll(',', ';'), 'layout.unknown'],
  ])('F19 %s: refused with its reason', async (_, content, code) => {
    const { codes, report, rows } = await run('pjm', { 'da_hrl_lmps.csv': content })
    expect([codes, report.exit_code, rows]).toEqual([[code], 65, 0])
    if (code === 'layout.unknown') expect(report.problems[0]?.message).toMatch(/semicolons\?/)
  })

  test('a price table that no report declares is told as such, and others are not', async () => {
    const changed = PJM.replace(/total_lmp_da/i, 'clearing_price_da')
    const files = {
      'da_hrl_lmps.csv': PJM,
      'new feed.csv': changed,
      'weather.csv': 'time,station,temp\n2024-01-01 00:00,A,1.5\n',
    }
    const { report, rows } = await run('pjm', files)
    expect([report.exit_code, rows]).toEqual([0, PJM_ROWS])
    const told = report.unknown.map(each => [each.file, each.looks_like_prices, each.reason.slice(0, 18)])
    expect(told).toEqual([
      ['new feed.csv', true, 'looks like prices:'],
      ['weather.csv', undefined, 'no report of PJM h'],
    ])
    expect(summaryText(report, false)).toContain(
      '\n1 file looks like a price table that nothing here reads (convert inspect FILE tells more): new feed.csv',
    )
  })

  test('a renamed file of another market looks like prices to nobody but its own', async () => {
    const { report } = await run('miso', { [NAME]: GOOD, 'copy.csv': PJM })
    expect(report.unknown.filter(each => each.looks_like_prices)).toEqual([])
  })

  test('archives that were joined give the rows of both', async () => {
    const [one, two] = ['2024-01-10', '2024-01-11'].map(day =>
      makeZip([{ name: `${day.replaceAll('-', '')}_da_expost_lmp.csv`, data: misoDay('da_expost_lmp', day) }]),
    )
    const single = await run('miso', { 'a.zip': one as Buffer })
    const both = await run('miso', { 'ab.zip': Buffer.concat([one as Buffer, two as Buffer]) })
    expect([both.report.exit_code, both.rows]).toEqual([0, 2 * single.rows])
    expect(both.report.warnings.join()).toContain('2 archives stand one after the other')
  })

  test('F19 one NUL byte: the rest of the file is read', async () => {
    const { codes, rows } = await run('pjm', { 'da_hrl_lmps.csv': PJM.replace('NODE 1', 'NO\0E 1') })
    expect(codes).toEqual([])
    expect(rows).toBeGreaterThanOrEqual(PJM_ROWS - 1)
  })

  test('F19 a quote that never closes', async () => {
    const { codes, report } = await run('pjm', { 'da_hrl_lmps.csv': PJM.replace('NODE 2', '"NODE 2') })
    expect(report.exit_code).toBe(65)
    expect(codes.length + quarantinedCount(report)).toBeGreaterThan(0)
  })

  test.each([
    ['in the middle of a cell', -25],
    ['after a comma', 0],
  ])('F20 a file cut %s: whole lines stand, the rest is csv.truncated, exit 65', async (_, extra) => {
    const at = PJM.lastIndexOf('NODE 2,') + 7
    const { bad, report, rows } = await run('pjm', { 'da_hrl_lmps.csv': PJM.slice(0, at + (extra ? 6 : 0)) })
    expect(bad.map(each => each.code)).toEqual(['csv.truncated'])
    expect([report.exit_code, rows]).toEqual([65, PJM_ROWS - 2])
  })

  test('F20 an hour missing at the end of a cut file shows as a gap', async () => {
    const { receipts: all } = await run('pjm', { 'da_hrl_lmps.csv': lines.slice(0, -6).join('\r\n') })
    expect(all[0]?.coverage[DAY]).toMatchObject({ expected: 24, present: 22 })
    expect(all[0]?.coverage[DAY]?.missing).toHaveLength(2)
  })

  test.each(['12abc', '1e400', '1.2.3', '=2', 'Infinity', '0x10', '1.2.3'])(
    'F21 %s in a price: that row is quarantined with its place',
    async text => {
      const cells = (lines[5] as string).split(',')
      cells[9] = text
      const content = [...lines.slice(0, 5), cells.join(','), ...lines.slice(6)].join('\r\n')
      const { bad, report, rows, receipts: all } = await run('pjm', { 'da_hrl_lmps.csv': `${content}\r\n` })
      expect([report.exit_code, rows]).toEqual([65, PJM_ROWS - 1])
      expect(all[0]?.counts.quarantined).toBe(1)
      expect(bad).toHaveLength(1)
      expect(bad[0]).toMatchObject({ line: 6, column: 'total_lmp_da', code: 'number.invalid' })
      expect(bad[0]?.file).toMatch(/da_hrl_lmps\.csv$/)
      expect(bad[0]?.offset).toBe(content.indexOf(cells.join(',')))
      expect(bad[0]?.raw).toContain(text)
      expect(bad[0]?.reason).toContain(text)
    },
  )

  test('F21 an empty price is null and counted, in ancillary prices no row', async () => {
    const cells = (lines[5] as string).split(',')
    cells[9] = ''
    const content = [...lines.slice(0, 5), cells.join(','), ...lines.slice(6)].join('\r\n')
    const { report, receipts: all } = await run('pjm', { 'da_hrl_lmps.csv': content })
    expect(report.exit_code).toBe(0)
    expect(all[0]?.prices.lmp?.nulls).toBe(1)
    const services =
      'datetime_beginning_utc,datetime_beginning_ept,ancillary_service,unit,value,row_is_current,version_nbr\r\n9/1/2024 4:00:00 AM,9/1/2024 12:00:00 AM,RTO Synchronized Reserve,Price,,True,1\r\n9/1/2024 5:00:00 AM,9/1/2024 1:00:00 AM,RTO Synchronized Reserve,Price,0.5,True,1\r\n'
    const as = await run('pjm', { 'ancillary_services.csv': services })
    expect(as.receipts[0]?.counts).toMatchObject({ read: 1, written: 1, empty_cells: 1 })
  })

  test('F21 ragged rows', async () => {
    const long = `${lines[3]},surplus`
    const short = (lines[4] as string).split(',').slice(0, 9).join(',')
    const content = [...lines.slice(0, 3), long, short, ...lines.slice(5)].join('\r\n')
    const { bad, report, rows } = await run('pjm', { 'da_hrl_lmps.csv': `${content}\r\n` })
    expect(bad.map(each => [each.line, each.code])).toEqual([
      [4, 'csv.ragged'],
      [5, 'csv.short'],
    ])
    expect([report.exit_code, rows]).toEqual([65, PJM_ROWS - 2])
  })

  test('F21 --max-bad-rows, as a number and as a percentage', async () => {
    const content = PJM.replace(/(NODE 1,,,ZONE,,)[-\d.]+/, '$1oops')
    const input = put(fresh(), { 'da_hrl_lmps.csv': content })
    const code = async (maxBadRows: { count: number } | { percent: number }) =>
      (await convert('pjm', input, fresh(), { maxBadRows })).exit_code
    expect(await code({ count: 0 })).toBe(65)
    expect(await code({ count: 1 })).toBe(0)
    expect(await code({ percent: 1 })).toBe(65)
    expect(await code({ percent: 2 })).toBe(0)
  })

  const swap = (text: string, a: number, b: number) =>
    text
      .trimEnd()
      .split('\r\n')
      .map(line => {
        const cells = line.split(',')
        ;[cells[a], cells[b]] = [cells[b] as string, cells[a] as string]
        return cells.join(',')
      })
      .join('\r\n')

  test('F22 reordered columns give the same prices', async () => {
    const plain = await run('pjm', { 'da_hrl_lmps.csv': PJM })
    const other = await run('pjm', { 'da_hrl_lmps.csv': swap(swap(PJM, 8, 11), 2, 9) })
    expect(await rowsOf(other.output, 'pjm', 'da_energy_hourly')).toEqual(
      await rowsOf(plain.output, 'pjm', 'da_energy_hourly'),
    )
  })

  test('F22 a new column is noted in the receipt, and no error', async () => {
    const content = PJM.replaceAll('\r\n', ',7\r\n').replace('version_nbr,7', 'version_nbr,brand_new')
    const { report, receipts: all, rows } = await run('pjm', { 'da_hrl_lmps.csv': content })
    expect([report.exit_code, rows, all[0]?.unknown_columns]).toEqual([0, PJM_ROWS, ['brand_new']])
  })

  test('F22 a required column that is missing or renamed: layout.unknown, naming what was there', async () => {
    const { codes, report, rows } = await run('pjm', {
      'da_hrl_lmps.csv': PJM.replace('total_lmp_da', 'value'),
      'da_hrl_lmps (1).csv': pjmFile([{ ...easternDay(OTHER_DAY) }]),
    })
    expect([codes, report.exit_code, rows]).toEqual([['layout.unknown'], 65, PJM_ROWS])
    expect(report.problems[0]?.message).toContain('value')
    expect(report.problems[0]?.message, 'names the missing column').toContain('total_lmp_da')
  })

  test('F22 a header that changes in a file of a known name', async () => {
    const content = GOOD.replace('Node,Type,Value', 'Point,Type,Value')
    const { codes, report } = await run('miso', { [NAME]: content })
    expect([codes, report.exit_code]).toEqual([['layout.unknown'], 65])
  })
})

function quarantinedCount(report: { datasets: readonly { quarantined: number }[] }): number {
  return report.datasets.reduce((sum, each) => sum + each.quarantined, 0)
}

describe('F23 to F27 time and copies', () => {
  test.each([
    ['pjm', 'da_energy_hourly', { 'da_hrl_lmps.csv': pjmFile([easternDay('2024-11-03')]) }, '2024-11-03', 25],
    ['pjm', 'da_energy_hourly', { 'da_hrl_lmps.csv': pjmFile([easternDay('2024-03-10')]) }, '2024-03-10', 23],
    [
      'nyiso',
      'da_energy_hourly',
      { '20241103damlbmp_zone.csv': nyisoDay('damlbmp_zone', '2024-11-03') },
      '2024-11-03',
      25,
    ],
    [
      'nyiso',
      'da_energy_hourly',
      { '20240310damlbmp_zone.csv': nyisoDay('damlbmp_zone', '2024-03-10') },
      '2024-03-10',
      23,
    ],
    [
      'nyiso',
      'rt_energy_5min',
      { '20241103realtime_zone.csv': nyisoDay('realtime_zone', '2024-11-03') },
      '2024-11-03',
      300,
    ],
    [
      'nyiso',
      'rt_energy_5min',
      { '20240310realtime_zone.csv': nyisoDay('realtime_zone', '2024-03-10') },
      '2024-03-10',
      276,
    ],
    [
      'miso',
      'da_energy_hourly',
      { '20241103_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-11-03') },
      '2024-11-03',
      24,
    ],
    [
      'miso',
      'da_energy_hourly',
      { '20240310_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-03-10') },
      '2024-03-10',
      24,
    ],
  ])('F23 F24 %s %s on a day of the clock change: %#', async (iso, dataset, files, date, intervals) => {
    const { output, report } = await run(iso, files as unknown as Record<string, string>)
    expect(report.exit_code).toBe(0)
    const id = await firstId(output, iso, dataset)
    const rows = (await rowsOf(output, iso, dataset)).filter(row => row.location_id === id)
    const starts = rows.map(row => Date.parse(row.interval_start_utc as string))
    expect(rows.every(row => row.delivery_date === date)).toBe(true)
    expect(new Set(starts).size).toBe(intervals)
    const step = dataset === 'rt_energy_5min' ? 300_000 : 3_600_000
    for (let at = 1; at < starts.length; at++) expect((starts[at] as number) - (starts[at - 1] as number)).toBe(step)
    const { from, to } = iso === 'miso' ? misoBounds(date) : easternDay(date)
    expect([starts[0], (starts.at(-1) as number) + step]).toEqual([from, to])
  })

  test('F24 a stamp inside the skipped hour is quarantined as time.nonexistent', async () => {
    const content = nyisoDay('damlbmp_zone', '2024-03-10').replace(
      '"03/10/2024 03:00","CAPITL"',
      '"03/10/2024 02:00","CAPITL"',
    )
    const { bad, rows, report } = await run('nyiso', { '20240310damlbmp_zone.csv': content })
    expect(bad.map(each => [each.code, each.column])).toEqual([['time.nonexistent', 'Time Stamp']])
    expect([rows, report.exit_code]).toEqual([3 * 23 - 1, 65])
  })

  test('F25 rows go to the partition of their delivery date, whatever the name says', async () => {
    const content = pjmFile([{ from: easternDay('2023-12-31').from, to: easternDay('2024-01-01').to }])
    const { receipts: all, output } = await run('pjm', { 'da_hrl_lmps 2023.csv': content })
    expect(all.map(each => [each.partition, each.counts.written])).toEqual([
      ['2023-12', 72],
      ['2024-01', 72],
    ])
    expect(all[0]?.first).toBe('2023-12-31T05:00:00Z')
    expect(all[0]?.last).toBe('2024-01-01T04:00:00Z')
    const days = await rowsOf(output, 'pjm', 'da_energy_hourly')
    expect(new Set(days.map(row => row.delivery_date))).toEqual(new Set(['2023-12-31', '2024-01-01']))
  })

  test('F25 --year selects rows by delivery date, not by name', async () => {
    const content = pjmFile([{ from: easternDay('2023-12-31').from, to: easternDay('2024-01-01').to }])
    const input = put(fresh(), { '2023/da_hrl_lmps 2023.csv': content })
    const output = fresh()
    const report = await convert('pjm', input, output, { ranges: [{ from: '2024-01-01', to: '2024-12-31' }] })
    expect(report.exit_code).toBe(0)
    expect(receipts(output).map(each => [each.partition, each.counts.written, each.counts.outside_partition])).toEqual([
      ['2024-01', 72, 72],
    ])
  })

  test('F26 copies, overlaps, the same file loose and in a zip: one row per key', async () => {
    const first = pjmFile([{ from: PJM_DAY.from, to: PJM_DAY.to }])
    const overlap = pjmFile([{ from: PJM_DAY.from + 12 * 3_600_000, to: PJM_DAY.to + 12 * 3_600_000 }])
    const { receipts: all, rows } = await run('pjm', {
      'da_hrl_lmps.csv': first,
      'copy/da_hrl_lmps (1).csv': first,
      'da_hrl_lmps (2).csv': overlap,
      'all.zip': makeZip([{ name: 'da_hrl_lmps.csv', data: first }]),
    })
    expect(rows).toBe(36 * 3)
    expect(all[0]?.counts).toMatchObject({ read: 4 * 72, duplicate_identical: 4 * 72 - 108, superseded: 0 })
    expect(all[0]?.inputs).toHaveLength(4)
  })

  test('F26 conflicting copies are resolved by content and counted', async () => {
    const one = pjmFile([{ ...PJM_DAY, seed: 1 }])
    const two = pjmFile([{ ...PJM_DAY, seed: 2 }])
    const there = await run('pjm', { 'da_hrl_lmps.csv': one, 'da_hrl_lmps (1).csv': two })
    const back = await run('pjm', { 'da_hrl_lmps.csv': two, 'da_hrl_lmps (1).csv': one })
    expect(parquetDigests(there.output)).toEqual(parquetDigests(back.output))
    expect(there.receipts[0]?.counts).toMatchObject({ written: 72, conflicting: 72, superseded: 0 })
    expect(there.receipts[0]?.conflicts).toHaveLength(10)
  })

  test('F27 a preliminary file that comes after the final one changes nothing', async () => {
    const name = (version: string) => `${digits(DAY)}_rt_lmp_${version}.csv`
    const final = misoDay('rt_lmp_final', DAY, { seed: 1 })
    const prelim = misoDay('rt_lmp_prelim', DAY, { seed: 2 })
    const { input, output } = await run('miso', { [name('final')]: final })
    const before = await rowsOf(output, 'miso', 'rt_energy_hourly')
    writeFileSync(join(input, name('prelim')), prelim)
    const report = await convert('miso', input, output)
    expect(await rowsOf(output, 'miso', 'rt_energy_hourly')).toEqual(before)
    expect(report.datasets[0]).toMatchObject({ superseded: 72 })
  })

  test('F27 a lower version in a later file loses; a restatement months later wins', async () => {
    const { input, output } = await run('pjm', { 'a.csv': pjmFile([{ ...PJM_DAY, side: 'rt', seed: 2, version: 2 }]) })
    const bytes = Object.values(parquetDigests(output))
    writeFileSync(join(input, 'z.csv'), pjmFile([{ ...PJM_DAY, side: 'rt', seed: 1, version: 1 }]))
    await convert('pjm', input, output)
    const rows = await rowsOf(output, 'pjm', 'rt_energy_hourly')
    expect(new Set(rows.map(row => row.revision))).toEqual(new Set([2]))
    writeFileSync(
      join(input, 'b.csv'),
      pjmFile([
        { ...PJM_DAY, side: 'rt', seed: 2, version: 2, current: false },
        { ...PJM_DAY, side: 'rt', seed: 3, version: 3 },
      ]),
    )
    await convert('pjm', input, output)
    const restated = await rowsOf(output, 'pjm', 'rt_energy_hourly')
    expect(new Set(restated.map(row => row.revision))).toEqual(new Set([3]))
    expect(restated.map(row => row.lmp)).not.toEqual(rows.map(row => row.lmp))
    expect(Object.values(parquetDigests(output))).not.toEqual(bytes)
  })
})

async function firstId(output: string, iso: string, dataset: string) {
  return (await rowsOf(output, iso, dataset))[0]?.location_id
}

function misoBounds(date: string): { from: number; to: number } {
  const from = Date.parse(`${date}T05:00:00Z`)
  return { from, to: from + 86_400_000 }
}

describe('F28 F29 inputs that change while they are read', () => {
  const next = `${digits(OTHER_DAY)}_da_expost_lmp.csv`
  const both = { [NAME]: GOOD, ...OTHER }

  /** An archive that is converted, then touched anew, then changed between the plan and the units. */
  async function disturbed(change: (input: string) => void) {
    const { input, output } = await run('miso', both)
    const before = parquetDigests(output)
    const stamp = Date.now() / 1000 + 60
    utimesSync(join(input, next), stamp, stamp)
    let once = true
    const report = await convert(
      'miso',
      input,
      output,
      {},
      {
        planned() {
          if (once) change(input)
          once = false
        },
      },
    )
    return { before, report, input, output }
  }

  test('F28 a file that grows: exit 75, nothing is committed from a torn read, the next run is whole', async () => {
    const { before, report, input, output } = await disturbed(folder =>
      appendFileSync(join(folder, next), 'NODE.9,Hub,LMP,1\n'),
    )
    expect(report.exit_code).toBe(75)
    expect(report.failures.map(each => each.code)).toEqual(['file.changed'])
    expect(parquetDigests(output), 'the old target stays').toEqual(before)
    writeFileSync(join(input, next), Object.values(OTHER)[0] as string)
    expect((await convert('miso', input, output)).exit_code).toBe(0)
    expect(parquetDigests(output)).toEqual(before)
  })

  test('F29 a file that vanishes: named, exit 66 or 75, the old target stays', async () => {
    const { before, report, output } = await disturbed(folder => rmSync(join(folder, next)))
    expect([66, 75]).toContain(report.exit_code)
    expect(report.failures.map(each => each.message).join()).toContain(next)
    expect(parquetDigests(output), 'the old target stays').toEqual(before)
  })

  test('F29 the run after that knows what is gone', async () => {
    const { input, output } = await disturbed(folder => rmSync(join(folder, next)))
    const after = await convert('miso', input, output)
    expect(after.exit_code).toBe(0)
    expect((await rowsOf(output, 'miso', 'da_energy_hourly')).length).toBe(GOOD_ROWS)
    expect(readFileSync(join(input, NAME), 'utf8')).toBe(GOOD)
  })
})
