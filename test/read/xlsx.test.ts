/** Workbooks: each sheet as the text that it would be as CSV, alone and in zips; damage and hostile parts are refused in words. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listMembers } from '../../src/read/members.js'
import { LARGEST_STRINGS } from '../../src/read/xlsx-strings.js'
import { scratch } from '../helpers/containers.js'
import { SAMPLES } from '../helpers/run.js'
import { converted, same, textsOf } from '../helpers/twins.js'
import { makeWorkbook, naiveSheets, type WorkbookCell } from '../helpers/workbook.js'
import { makeZip } from '../helpers/zip.js'

const file = scratch()
const only = async (bytes: Buffer) => (await textsOf(file('one.xlsx', bytes)))[0]!
const sheet = (rows: readonly (readonly WorkbookCell[] | null)[]) => makeWorkbook([{ name: 'A', rows }])
const raw = (attributes: string, inner: string) => ({ attributes, inner })

describe('cells', () => {
  test('numbers, texts, formulas, booleans, errors and gaps', async () => {
    const { text } = await only(
      sheet([
        ['a', 'b,c', 'd"e', 'f'],
        [1, 23.5, 18.239999999999998, raw('', '<f>SUM(A2:B2)</f><v>24.50</v>')],
        null,
        [null, raw('t="b"', '<v>1</v>'), raw('t="str"', '<f>A1</f><v>x, y</v>'), raw('t="e"', '<v>#N/A</v>')],
        ['ü', raw('t="inlineStr"', '<is><r><t>two </t></r><r><t>runs</t></r><rPh><t>no</t></rPh></is>')],
        [raw('', '<v>1E-3</v>'), raw('s="0"', '')],
      ]),
    )
    expect(text.split('\n')).toEqual([
      'a,"b,c","d""e",f',
      // The shortest text of the same double.
      '1,23.5,18.24,24.5',
      '',
      ',TRUE,"x, y",#N/A',
      'ü,two runs,,',
      '0.001,,,',
      '',
    ])
  })

  test('dates are numbers whose style says so, in both calendars', async () => {
    const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/><numFmt numFmtId="165" formatCode="#,##0.00&quot; days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs></styleSheet>`
    const rows = [
      [45361, 1],
      [45361, 2],
      [45361.0416666667, 2],
      [45361.5, 3],
      [0.0416666667, 4],
      [1, 5],
      [45361, 0],
    ].map(([value, style]) => [raw(`s="${style}"`, `<v>${value}</v>`)])
    const { text } = await only(makeWorkbook([{ name: 'A', rows }], { styles }))
    expect(text.trim().split('\n')).toEqual([
      ...['03/10/2024', '03/10/2024', '03/10/2024 01:00:00', '45361.5', '01:00:00', '24:00:00', '45361'],
    ])
    const old = makeWorkbook([{ name: 'A', rows: [[raw('s="1"', '<v>43899</v>')]] }], { styles, date1904: true })
    expect((await only(old)).text).toBe('03/10/2024\n')
    const iso = sheet([[raw('t="d"', '<v>2024-03-10T01:00:00</v>'), raw('t="d"', '<v>2024-03-10</v>')]])
    expect((await only(iso)).text).toBe('03/10/2024 01:00:00,03/10/2024\n')
  })

  test('without addresses, with prefixes, and behind a title: what other writers do', async () => {
    const xml =
      '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>Title</x:t></x:is></x:c></x:row><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    expect((await only(makeWorkbook([{ name: 'A', xml }]))).text).toBe('Title\n1,2\n')
  })
})

test('one member a sheet, loose and in zips; charts are none', async () => {
  const book = makeWorkbook([
    { name: 'Jan', rows: [['a'], [1]] },
    { name: 'Chart', type: 'chartsheet', xml: '<chartsheet/>' },
    { name: 'R & D > x', rows: [['b']] },
  ])
  const path = file(
    'outer.zip',
    makeZip([
      { name: 'in/book.xlsx', data: book },
      { name: 'c.csv', data: 'x\n' },
    ]),
  )
  const { members, problems } = await listMembers(path)
  expect(problems).toEqual([])
  expect(members.map(({ name, kind, entries }) => [name, kind, entries.join(' > ')])).toEqual([
    ['book.xlsx', 'sheet', 'in/book.xlsx > Jan'],
    ['book.xlsx', 'sheet', 'in/book.xlsx > R & D > x'],
    ['c.csv', 'data', 'c.csv'],
  ])
  const found = await textsOf(path)
  expect(found.map(({ text }) => text)).toEqual(['a\n1\n', 'b\n', 'x\n'])
})

describe('damage', () => {
  const book = makeWorkbook([{ name: 'A', rows: Array.from({ length: 400 }, (_, at) => ['row', at, Math.sin(at)]) }])
  test('cut anywhere, it is a problem and never a crash', async () => {
    for (let cut = 10; cut < book.length; cut += 997) {
      const { members, problems } = await listMembers(file('cut.xlsx', book.subarray(0, cut)))
      expect(problems.length + members.length).toBeGreaterThan(0)
      for (const problem of problems) expect(problem.code).toMatch(/^(zip|file)\./)
    }
  })

  test.each([
    ['a sheet that ends too early', { xml: '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>' }, /damaged/],
    ['no XML', { xml: 'PK' }, /damaged/],
    ['an entity of its own', { xml: '<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>' }, /damaged/],
    ['rows out of order', { xml: '<worksheet><row r="2"/><row r="1"/></worksheet>' }, /stands behind/],
    ['a row beyond the last', { xml: '<worksheet><row r="99999999"/></worksheet>' }, /stands behind/],
    ['a cell far out', { xml: '<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>' }, /column 16384/],
    [
      'a shared string that is not there',
      { xml: '<worksheet><row r="1"><c r="A1" t="s"><v>7</v></c></row></worksheet>' },
      /string 7/,
    ],
    ['a text without end', { xml: `<worksheet><row r="1"><c r="A1"><v>${'1'.repeat(9 << 20)}` }, /more than/],
  ])('%s', async (_, part, message) => {
    const read = await only(makeWorkbook([{ name: 'A', ...part }]))
    expect(read.code).toBe('file.workbook')
    expect(read.message).toMatch(message)
  })

  test('shared strings beyond what a unit can hold are refused with their size', async () => {
    const si = `<si><t>${'x'.repeat(1000)}</t></si>`
    const strings = `<sst>${si.repeat(LARGEST_STRINGS / 1000)}</sst>`
    const read = await only(makeWorkbook([{ name: 'A', rows: [[1]] }], { strings }))
    expect(read.code).toBe('file.workbook')
    expect(read.message).toMatch(/shared strings take more than \d+ bytes/)
  })
})

const HEADER = ['Delivery Date', 'Hour Ending', 'Repeated Hour Flag', 'Settlement Point', 'Settlement Point Price']
const points = (month: number) =>
  Array.from({ length: 48 }, (_, at): WorkbookCell[] => [
    `0${month}/0${1 + Math.floor(at / 24)}/2025`,
    `${String((at % 24) + 1).padStart(2, '0')}:00`,
    'N',
    'HB_NORTH',
    month * 10 + at / 4,
  ])
const csv = (rows: readonly (readonly WorkbookCell[])[]) => `${rows.map(row => row.join(',')).join('\n')}\n`
const NAME = 'rpt.00013060.0000000000000000.DAMLZHBSPP_2025'

describe('conversion', () => {
  test('a workbook gives what its sheets give as CSV, also in a zip and with inline strings', async () => {
    const sheets = [1, 2].map(month => ({ name: `M${month}`, rows: [HEADER, ...points(month)] }))
    const twin = await converted(
      'ercot',
      Object.fromEntries(sheets.map(({ name, rows }) => [`${NAME}_${name}.csv`, csv(rows)])),
    )
    const loose = await converted('ercot', { [`${NAME}.xlsx`]: makeWorkbook(sheets) })
    const packed = await converted('ercot', {
      'a.zip': makeZip([{ name: `${NAME}.xlsx`, data: makeWorkbook(sheets, { inline: true }) }]),
    })
    for (const one of [loose, packed]) {
      expect(one.report.exit_code).toBe(0)
      same(twin, one)
    }
  })

  test('title rows, notes, empty and chart sheets keep nothing from being read, and are no errors', async () => {
    const rows = [['ERCOT'], null, null, null, null, ['Historical prices'], null, HEADER, ...points(3)]
    const book = makeWorkbook([
      { name: 'Notes', rows: [['Prices are in $/MWh.'], ['See the protocols.']] },
      { name: 'Empty' },
      { name: 'Chart', type: 'chartsheet', xml: '<chartsheet/>' },
      { name: 'Mar', rows },
      {
        name: 'Summary',
        rows: [
          ['Month', 'Average', 'Peak'],
          ['Mar', 35.5, 42],
        ],
      },
    ])
    const one = await converted('ercot', { [`${NAME}.xlsx`]: book })
    expect(one.report.exit_code).toBe(0)
    expect(one.report.problems).toEqual([])
    expect(one.report.taken).toEqual([`ercot/${NAME}.xlsx > Mar`])
    expect(one.report.out_of_scope.map(({ file: name }) => name)).toEqual(
      ['Notes', 'Summary'].map(name => `ercot/${NAME}.xlsx > ${name}`),
    )
    same(await converted('ercot', { [`${NAME}.csv`]: csv([HEADER, ...points(3)]) }), one)
  })

  test('ISO-NE’s SMD workbook: a zone from each sheet’s name, and the whole system left out by name', async () => {
    const header =
      'Date,Hr_End,DA_Demand,RT_Demand,DA_LMP,DA_EC,DA_CC,DA_MLC,RT_LMP,RT_EC,RT_CC,RT_MLC,Dry_Bulb,Dew_Point'
    const row = (price: number) => ['01/02/2025', '01', 1, 2, price, price, 0, 0, price + 1, price + 1, 0, 0, 30, 20]
    const rows = (price: number) => [header.split(','), row(price)]
    const book = makeWorkbook([
      { name: 'Notes', rows: [['hello']] },
      { name: 'ISO NE CA', rows: rows(10) },
      { name: 'CT', rows: rows(20) },
      { name: 'NEMA', rows: rows(30) },
    ])
    const one = await converted('isone', { '2025_smd_hourly.xlsx': book })
    expect(one.report.exit_code).toBe(0)
    expect(one.report.datasets.map(each => [each.dataset, each.rows])).toEqual([
      ['da_energy_hourly', 2],
      ['rt_energy_hourly', 2],
    ])
    const reasons = new Map(one.report.out_of_scope.map(each => [each.file.split(' > ')[1], each.reason]))
    expect(reasons.get('ISO NE CA')).toContain('the whole system')
    expect(reasons.get('Notes')).toContain('a sheet without a table')
    const text = (price: number) => `${[header, row(price).join()].join('\n')}\n`
    same(await converted('isone', { '2025_smd_hourly_CT.csv': text(20), '2025_smd_hourly_NEMA.csv': text(30) }), one)
  })

  test('a workbook with a report’s name and nothing of it, or with a changed layout, is a problem', async () => {
    const book = makeWorkbook([
      {
        name: 'A',
        rows: [
          ['x', 'y'],
          [1, 2],
        ],
      },
      { name: 'B', rows: [['z']] },
    ])
    const other = await converted('ercot', { [`${NAME}.xlsx`]: book })
    expect(other.report.exit_code).toBe(65)
    expect(other.report.problems.map(({ code }) => code)).toEqual(['layout.unknown'])
    const changed = makeWorkbook([
      { name: 'Jan', rows: [HEADER, ...points(1)] },
      { name: 'Feb', rows: [[...HEADER.slice(0, 4), 'Price'], ...points(2)] },
    ])
    const run = await converted('ercot', { [`${NAME}.xlsx`]: changed })
    expect(run.report.exit_code).toBe(65)
    expect(run.report.problems).toMatchObject([{ code: 'layout.unknown' }])
  })

  test('a workbook of no report is told once, with the reason', async () => {
    const book = makeWorkbook([
      {
        name: 'A',
        rows: [
          ['x', 'y'],
          [1, 2],
        ],
      },
      { name: 'B', rows: [['z']] },
    ])
    const miso = await converted('miso', { '20250310_sr_gfm.xlsx': book })
    expect(miso.report.out_of_scope).toMatchObject([{ file: 'miso/20250310_sr_gfm.xlsx', reason: /workbook/ }])
    const ercot = await converted('ercot', { 'whatever.xlsx': book })
    expect(ercot.report.unknown).toMatchObject([{ file: 'ercot/whatever.xlsx', reason: /no report of ERCOT/ }])
  })

  test('old workbooks are out of scope, with advice', async () => {
    const ole = Buffer.concat([Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'), Buffer.alloc(4096)])
    const run = await converted('ercot', { 'rpt.DAMASMCPC_2012.xls': ole })
    expect(run.report.out_of_scope).toMatchObject([{ reason: /save it as XLSX or CSV/ }])
  })

  test.each([
    [
      'NP6-796-ER',
      'HIST_15Min_RTM_MCPC_2026',
      ['Delivery Date', 'Delivery Hour', 'Delivery Interval', 'AS Type', 'MCPC', 'Repeated Hour Flag'],
      ['01/02/2026', 1, 2, 'REGUP', 3.5, 'N'],
    ],
    [
      'NP6-795-ER',
      'SCED_MCPC_2025',
      ['SCED Timestamp', 'AS Type', 'MCPC', 'Repeated Hour Flag'],
      ['12/06/2025 00:05:15', 'REGUP', 3.5, 'N'],
    ],
    [
      'NP4-181-ER',
      'rpt.00013091.0000000000000000.DAMASMCPC_2026',
      ['Delivery Date', 'Hour Ending', 'Repeated Hour Flag', 'REGDN', 'REGUP ', 'RRS', 'NSPIN', 'ECRS'],
      ['01/02/2026', '01:00', 'N', 1, 2, 3, 4, 5],
    ],
    [
      'NP6-785-ER',
      'rpt.00013061.0000000000000000.RTMLZHBSPP_2025',
      [
        'Delivery Date',
        'Delivery Hour',
        'Delivery Interval',
        'Repeated Hour Flag',
        'Settlement Point Name',
        'Settlement Point Type',
        'Settlement Point Price',
      ],
      ['01/02/2025', 1, 2, 'N', 'HB_NORTH', 'HU', 3.5],
    ],
  ])('%s', async (_, name, header, row) => {
    const one = await converted('ercot', { [`${name}.xlsx`]: makeWorkbook([{ name: 'Jan_1', rows: [header, row] }]) })
    expect(one.report).toMatchObject({ exit_code: 0, unknown: [], problems: [] })
    same(await converted('ercot', { [`${name}.csv`]: csv([header, row]) }), one)
  })
})

const sample = join(SAMPLES, 'ercot', `${NAME}.xlsx`)
const absent = !existsSync(sample)
if (absent) console.log(`xlsx: ${sample} is not here; the test of ERCOT's own workbook is skipped`)
test.skipIf(absent)('ERCOT’s workbook of 2025 gives what its sheets give as CSV', async () => {
  const bytes = readFileSync(sample)
  const sheets = naiveSheets(bytes)
  expect([...sheets.keys()]).toHaveLength(12)
  const files = Object.fromEntries([...sheets].map(([name, rows]) => [`DAMLZHBSPP_2025_${name}.csv`, csv(rows)]))
  const twin = await converted('ercot', files)
  const one = await converted('ercot', { [`${NAME}.xlsx`]: bytes })
  expect(one.report.datasets).toMatchObject([
    { dataset: 'da_energy_hourly', partitions: 12, rows: 124_920, quarantined: 0 },
  ])
  // The name of the workbook says when it was posted, those of the sheets do not: the same rows either way.
  same(twin, one)
})
