/** JSON of the ISOs' web services as text: where the rows are found, what their columns are called, what is refused and why. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { jsonText } from '../../src/read/json.js'
import { scratch } from '../helpers/containers.js'
import { ROOT } from '../helpers/run.js'
import { converted, same, textsOf } from '../helpers/twins.js'
import { makeZip } from '../helpers/zip.js'

const file = scratch()
const read = async (json: unknown) =>
  (await textsOf(file('a.json', typeof json === 'string' ? json : JSON.stringify(json))))[0]!
const rows = async (json: unknown) => (await read(json)).text.trimEnd().split('\n')

describe('the rows', () => {
  test.each([
    ['a bare array', [{ a: 1, b: 'x' }, { a: 2 }]],
    [
      'items between links and a search',
      {
        links: [{ rel: 'self' }],
        items: [{ a: 1, b: 'x' }, { a: 2 }],
        searchSpecification: { fields: ['a'], filters: [{ a: 1 }] },
      },
    ],
    [
      'data before its fields',
      {
        _sample: { query: { n: 2 } },
        data: [
          [1, 'x'],
          [2, null],
        ],
        fields: [{ name: 'a' }, { name: 'b' }],
      },
    ],
    [
      'data behind its fields',
      {
        fields: [{ name: 'a', label: 'A' }, { name: 'b' }],
        data: [
          [1, 'x'],
          [2, null],
        ],
      },
    ],
    [
      'headers and data',
      {
        headers: ['a', 'b'],
        data: [
          [1, 'x'],
          [2, ''],
        ],
      },
    ],
    [
      'a wrapper of ISO-NE',
      {
        Things: {
          Thing: [
            { a: 1, b: 'x' },
            { a: 2, b: null },
          ],
        },
      },
    ],
    ['a name that says nothing', { report: { id: 7 }, prices: [{ a: 1, b: 'x' }, { a: 2 }] }],
    ['deeper', { response: { total: 2, data: [{ a: 1, b: 'x' }, { a: 2 }] } }],
  ])('%s', async (_, json) => {
    expect(await rows(json)).toEqual(['a,b', '1,x', '2,'])
  })

  test('values keep their printed text', async () => {
    expect(
      await rows('{"items":[{"a":545.530000,"b":-0.0,"c":1E+2,"d":12345678901234567890,"e":true,"f":null}]}'),
    ).toEqual(['a,b,c,d,e,f', '545.530000,-0.0,1E+2,12345678901234567890,true,'])
    expect((await read({ items: [{ a: 'x, "y"\n', b: 'ü\u2028\\' }] })).text).toBe('a,b\n"x, ""y""\n",ü\u2028\\\n')
  })

  test('objects in them become columns, lists one cell', async () => {
    const item = {
      At: 1,
      Location: { $: 'A', '@LocId': '7', '@LocType': 'HUB' },
      t: { start: 's', in: { x: 2 } },
      list: [1, 2],
    }
    expect(await rows({ Lmps: { Lmp: [item] } })).toEqual([
      'At,Location,LocId,LocType,t.start,t.in.x,list',
      '1,A,7,HUB,s,2,1;2',
    ])
  })

  test('a column that comes late is named in a warning', async () => {
    const items = Array.from({ length: 600 }, (_, a) => (a < 550 ? { a } : { a, late: 1 }))
    const { text, warnings } = await read({ items })
    expect(text.split('\n')).toHaveLength(602)
    expect(warnings).toMatchObject([{ code: 'json.late_columns', message: /late$/ }])
  })

  test('however the bytes are cut', async () => {
    const bytes = Buffer.from(
      '\ufeff{"a":{"data":[["x\\"\\\\",1.50,"é"],["",null,"\\u00e9"]]},"fields":["p","q","r"]} \n',
    )
    for (const size of [1, 2, 3, 7, 64]) {
      const open = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
      }
      const chunks: Buffer[] = []
      for await (const chunk of jsonText(open, 'x', () => {})) chunks.push(chunk)
      expect(Buffer.concat(chunks).toString(), String(size)).toBe('p,q,r\n"x""\\",1.50,é\n,,é\n')
    }
  })
})

test.each([
  ['fewer items than totalRows', { items: [{ a: 1 }], totalRows: 3 }, 'a page of 1 rows of 3'],
  ['fewer than totalRecords, told first', { _meta: { totalRecords: 9 }, fields: ['a'], data: [[1]] }, 'of 9'],
  ['not the last page', { data: [{ a: 1 }], page: { pageNumber: 1, lastPage: false } }, 'a page of 1 rows,'],
  ['the whole answer', { items: [{ a: 1 }], totalRows: 1, page: { lastPage: true } }, undefined],
])('a page: %s', async (_, json, said) => {
  const { warnings } = await read(json)
  expect(warnings.map(({ message }) => message)).toEqual(said ? [expect.stringContaining(said)] : [])
})

describe('answers without data', () => {
  test.each([
    ['no items', { items: [], totalRows: 0 }],
    ['nothing in the wrapper', '{"HourlyLmps":""}'],
    ['null in the wrapper', '{"HourlyLmps":null}'],
    ['an empty array', '[]'],
  ])('%s', async (_, json) => {
    expect(await read(json)).toMatchObject({ text: '' })
    expect((await read(json)).code).toBeUndefined()
  })
})

describe('refused', () => {
  const good = JSON.stringify({ items: Array.from({ length: 50 }, (_, a) => ({ a, b: `text ${a}` })), totalRows: 50 })
  test('cut anywhere, it says so', async () => {
    for (let cut = 1; cut < good.length; cut += 41) {
      const { code, message } = await read(good.slice(0, cut))
      expect([code, message]).toEqual(['file.json', expect.stringContaining('cut off')])
    }
  })

  test.each([
    ['an error message', '{"message": "Invalid subscription key"}', /no table: "Invalid subscription key"/],
    ['errors of PJM', '{"errors":[{"field":"Filters","message":"bad"}]}', /no table: "bad"/],
    ['names that never come', '{"data":[[1,2]]}', /without the names/],
    ['rows of two kinds', '{"items":[{"a":1},[2]]}', /in turn/],
    ['cells that are objects', '{"fields":["a"],"data":[[{"b":1}]]}', /in their cells/],
    ['deep nesting', `{"items":[{"a":${'['.repeat(200)}${']'.repeat(200)}}]}`, /deeper than 64/],
    ['an endless text', `{"items":[{"a":"${'x'.repeat(3 << 20)}"}]}`, /more than/],
    ['two documents', '{"items":[{"a":1}]}{"items":[{"a":2}]}', /damaged/],
    ['a word that is none', '{"items":[{"a":nan}]}', /found nan/],
    ['a missing comma', '{"items":[{"a":1 "b":2}]}', /damaged/],
    ['single quotes', "{'items':[]}", /damaged/],
    ['the wrong bracket', '{"items":[{"a":1]}', /damaged/],
  ])('%s', async (_, json, message) => {
    const { code, message: said } = await read(json)
    expect(code).toBe('file.json')
    expect(said).toMatch(message)
  })

  test('an error message under a published name is a problem, under any other name unknown', async () => {
    const json = '{"message":"Rate limit is exceeded"}'
    const named = await converted('pjm', { 'da_hrl_lmps.json': json })
    expect(named.report).toMatchObject({ exit_code: 65, problems: [{ code: 'file.json' }] })
    const other = await converted('pjm', { 'x.json': json })
    expect(other.report).toMatchObject({ problems: [], unknown: [{ reason: /Rate limit/ }] })
  })
})

/** Cases of a report, the text of whose one input file is turned into JSON. */
const inputOf = (iso: string, report: string, name: string) => {
  const folder = join(ROOT, 'fixtures', iso, report, name, 'input')
  const [own = ''] = readdirSync(folder)
  return { name: own, text: readFileSync(join(folder, own), 'utf8') }
}
/** Every cell as a string: what a converter of types would make of it is not at stake here. */
const itemsOf = (text: string) => {
  const [header = [], ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map(line => line.split(','))
  return {
    header,
    lines,
    items: lines.map(cells => Object.fromEntries(header.map((key, at) => [key, cells[at] === '' ? null : cells[at]]))),
  }
}

describe('conversion', () => {
  test.each(['da_hrl_lmps', 'rt_hrl_lmps', 'rt_fivemin_hrl_lmps', 'hrl_load_metered'])('PJM %s', async report => {
    for (const name of ['plain', 'dst-fall']) {
      const { name: own, text } = inputOf('pjm', report, name)
      const { items } = itemsOf(text)
      const json = JSON.stringify({ links: [{ rel: 'self', href: 'x' }], items, totalRows: items.length })
      const twin = await converted('pjm', { [own]: text })
      same(twin, await converted('pjm', { [own.replace('.csv', '.json')]: json }))
      same(twin, await converted('pjm', { 'a.zip': makeZip([{ name: 'page1.json', data: JSON.stringify(items) }]) }))
      same(twin, await converted('pjm', { 'page1.json.gz': gzipSync(json) }))
    }
  })

  test.each(['NP4-190-CD', 'NP6-905-CD', 'NP6-331-CD'])('ERCOT %s', async report => {
    const { name: own, text } = inputOf('ercot', report, 'plain')
    const { header, lines } = itemsOf(text)
    const fields = header.map(name => ({ name }))
    const twin = await converted('ercot', { [own]: text })
    same(twin, await converted('ercot', { [own.replace('.csv', '.json')]: JSON.stringify({ data: lines, fields }) }))
  })

  test.each([
    ['hourlylmp_da', 'hourlylmp_da_final_20240101.json', 'HourlyLmps', 'HourlyLmp'],
    ['fiveminlmp', 'fiveminlmp_20240101.json', 'FiveMinLmps', 'FiveMinLmp'],
  ])('ISO-NE %s', async (report, name, outer, inner) => {
    const { name: own, text } = inputOf('isone', report, 'plain')
    const nested = itemsOf(text).items.map(({ LocId, LocType, LocationName, ...rest }) => ({
      ...rest,
      Location: { '@LocId': LocId, '@LocType': LocType, $: LocationName },
    }))
    const twin = await converted('isone', { [own]: text })
    same(twin, await converted('isone', { [name]: JSON.stringify({ [outer]: { [inner]: nested } }) }))
    const silent = await converted('isone', { 'answer.json': JSON.stringify({ [outer]: { [inner]: nested } }) })
    expect(silent.report).toMatchObject({
      problems: [],
      out_of_scope: [{ reason: /does not say day-ahead or real-time/ }],
    })
  })

  test('ISO-NE regulation and reserve prices, days on the hour and finer ones', async () => {
    for (const [report, name, outer] of [
      ['rcp_hourly', 'hourlyrcp_20240101.json', 'HourlyRcp'],
      ['rcp_fivemin', 'fiveminrcp_20240101.json', 'FiveMinRcp'],
      ['reserveprice_fivemin', 'fiveminreserveprice_20240101.json', 'FiveMinReservePrice'],
    ] as const) {
      const { name: own, text } = inputOf('isone', report, 'plain')
      const json = JSON.stringify({ [`${outer}s`]: { [outer]: itemsOf(text).items } })
      same(await converted('isone', { [own]: text }), await converted('isone', { [name]: json }))
    }
  })

  test('MISO: the display service as JSON; the Data Exchange is refused where its name says nothing', async () => {
    const { name: own, text } = inputOf('miso', 'rolling_5min_lmp', 'plain')
    const { header, lines } = itemsOf(text)
    same(
      await converted('miso', { [own]: text }),
      await converted('miso', { 'x.json': JSON.stringify({ headers: header, data: lines }) }),
    )
    const exchange = inputOf('miso', 'exchange_da_expost_lmp', 'plain').text
    const silent = await converted('miso', { 'answer.json': exchange })
    expect(silent.report).toMatchObject({ problems: [], out_of_scope: [{ reason: /give it a name/ }] })
  })

  test('MISO: rows of the Data Exchange give way to the daily file, location by location', async () => {
    const { name, text } = inputOf('miso', 'exchange_da_expost_lmp', 'plain')
    const hours = Array.from({ length: 24 }, (_, k) => k + 1)
    const line = (value: string, price: number) => `INDIANA.HUB,Hub,${value},${hours.map(hour => hour + price).join()}`
    const daily = [
      'Day Ahead Market ExPost LMPs',
      '01/01/2024',
      '',
      '',
      `Node,Type,Value,${hours.map(hour => `HE ${hour}`)}`,
      line('LMP', 30),
      line('MCC', 1),
      line('MLC', 2),
      '',
    ].join('\n')
    const both = await converted('miso', { [name]: text, '20240101_da_expost_lmp.csv': daily })
    expect(both.report.datasets).toMatchObject([{ rows: 24 + 4, superseded: 4 }])
  })

  test('exactly 50,000 records of PJM, CSV or JSON, are probably not all of them', async () => {
    const line = (at: number) => `2024-01-01T05:00:00,2024-01-01T00:00:00,${at + 1},N${at},,,GEN,20,20,0,0,True,1`
    const header =
      'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr'
    const table = (count: number) => `${[header, ...Array.from({ length: count }, (_, at) => line(at))].join('\n')}\n`
    const full = await converted('pjm', { 'da_hrl_lmps.csv': table(50_000) })
    expect(full.report.exit_code).toBe(0)
    expect(full.warnings).toEqual([expect.stringMatching(/da_hrl_lmps\.csv: exactly 50000 records/)])
    expect((await converted('pjm', { 'da_hrl_lmps.csv': table(49_999) })).warnings).toEqual([])
    const { items } = itemsOf(table(50_000))
    const page = await converted('pjm', { 'da_hrl_lmps.json': JSON.stringify({ items, totalRows: 340_000 }) })
    expect(page.warnings).toEqual([
      expect.stringMatching(/da_hrl_lmps\.json: a page of 50000 rows of 340000/),
      expect.stringMatching(/da_hrl_lmps\.json: exactly 50000 records/),
    ])
  })
})

const SAVED = join(ROOT, '../shared')
const samples = [
  'samples-2026/pjm/da_hrl_lmps_2026-06-09.json',
  'samples-2026/pjm/rt_unverified_fivemin_lmps_2026-06-10.json',
  'samples-2026/ercot/np6-331-cd.json',
  'samples/ercot/api_np4-190-cd_2025-11-02_HB_HUBAVG.json',
]
const absent = samples.filter(name => !existsSync(join(SAVED, name)))
if (absent.length > 0) console.log(`json: ${absent.join(', ')} are not here; the tests of them are skipped`)

test.each(samples.filter(name => !absent.includes(name)))('%s', async name => {
  const json = JSON.parse(readFileSync(join(SAVED, name), 'utf8')) as { items?: unknown[]; data?: unknown[] }
  const iso = name.split('/')[1] as string
  const { report } = await converted(iso, { [name.split('/').at(-1) as string]: readFileSync(join(SAVED, name)) })
  expect(report).toMatchObject({ exit_code: 0, unknown: [], problems: [] })
  expect(report.datasets).toMatchObject([{ rows: (json.items ?? json.data ?? []).length, quarantined: 0 }])
})
