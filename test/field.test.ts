/** Inputs from the field and real files of 2026, cell by cell; what other programs got wrong with them is in each title. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WORDS } from '../converters/gridstatus/markets.js'
import { converters } from '../converters/index.js'
import type { RunOptions } from '../src/model/options.js'
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
async function run(iso: string, put: (folder: string) => void, ranges: RunOptions['ranges'] = []): Promise<Found> {
  return await withFolder(async folder => {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')]
    mkdirSync(join(input, iso), { recursive: true })
    put(join(input, iso))
    const report = await convert({ ...optionsFor([iso], input, output), ranges })
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

/** Only the delivery dates of one range. */
const within = (from: string, to: string, files: Readonly<Record<string, string>>): Promise<Found> =>
  run(
    'caiso',
    folder => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    },
    [{ from, to }],
  )

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

describe.skipIf(!existsSync(FIELD))('MISO and ids in the field', () => {
  test('02: the rolling feed names the end of the interval', async () => {
    const { report, rows } = await given('miso', join(FIELD, '02-miso-rolling-interval-is-end/raw'))
    expect(report.exit_code).toBe(0)
    expect(pick(rows, 'interval_start_utc', 'delivery_date', 'lmp', 'source_report')).toEqual([
      '2026-09-04T04:55:00Z 2026-09-03 31.5 rolling_5min_lmp',
      '2026-09-04T05:00:00Z 2026-09-04 32.25 5MIN_LMP',
      '2026-09-05T04:55:00Z 2026-09-04 41 5MIN_LMP',
    ])
    expect(report.datasets.map(each => each.duplicate_identical)).toEqual([2])
  })

  test('08: integers that a data frame turned into floats are one series each', async () => {
    const raw = join(FIELD, '08-integer-ids-turned-into-floats/raw')
    const ids = async (iso: string) => {
      const { report, rows } = await given(iso, raw)
      expect(report.exit_code, iso).toBe(0)
      return { ids: [...new Set(rows.map(row => row.location_id))], rows }
    }
    expect((await ids('pjm')).ids).toEqual(['2156113284', '51288'])
    expect((await ids('nyiso')).ids).toEqual(['61757'])
    const isone = await ids('isone')
    expect(isone.ids).toEqual(['4000'])
    expect(pick(isone.rows, 'delivery_hour', 'lmp')).toEqual(['1 30.5', '2 31.5'])
  })

  test('an id that is no float stays, and so does one that a spreadsheet has shortened', async () => {
    const line = (id: string) => `5/1/2025 4:00:00 AM,5/1/2025 12:00:00 AM,${id},A,,,BUS,,30.0,29.0,-0.5,-0.5,True,1`
    const header =
      'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr'
    const ids = ['2.15611E+09', '2.1561132845e+09', '2.156113284e+09', '7.', '1e0', 'N-1.0', '1.5']
    const { rows } = await made('pjm', { 'da_hrl_lmps.csv': [header, ...ids.map(line), ''].join('\n') })
    expect(rows.map(row => row.location_id).sort()).toEqual(
      ['2.15611E+09', '2.1561132845e+09', '2156113284', '7', '1', 'N-1.0', '1.5'].sort(),
    )
  })
})

describe.skipIf(!existsSync(FIELD))('16: exports of gridstatus of 2026', () => {
  const raw = join(FIELD, '16-gridstatus-exports-of-2026/raw')

  test('NYISO: the 15-minute market has a home, and is not final', async () => {
    const { report, rows } = await given('nyiso', raw)
    expect(report.exit_code).toBe(0)
    expect(pick(rows, 'file', 'interval_start_utc', 'market_run', 'is_final', 'lmp', 'congestion')).toEqual([
      'rt_energy_15min 2026-06-29T09:30:00Z RTC false 50 2',
      'rt_energy_15min 2026-06-29T09:45:00Z RTC false 51 2',
    ])
  })

  test('PJM: the look-ahead prices of IT SCED are out of scope by name', async () => {
    const { report, rows } = await given('pjm', raw)
    expect(rows).toEqual([])
    expect(report.out_of_scope.map(each => each.reason)).toEqual([expect.stringContaining('IT SCED')])
  })

  test('CAISO: real-time ancillary prices are read, capacity prices are out of scope by name', async () => {
    const { report, rows } = await given('caiso', raw)
    expect(report.exit_code).toBe(0)
    expect(report.out_of_scope.map(each => each.reason)).toEqual([expect.stringContaining('imbalance reserve')])
    const prices = { NR: '0.1', RD: '0.2', RMD: '0.3', RMU: '0.4', RU: '0.5', SR: '0.6' }
    expect(pick(rows, 'file', 'interval_start_utc', 'market_run', 'region', 'product', 'price')).toEqual(
      Object.entries(prices).flatMap(([product, price]) =>
        ['07:00', '07:15'].map(time => `rt_as_15min 2026-06-02T${time}:00Z RTM AS_CAISO ${product} ${price}`),
      ),
    )
  })

  test('ERCOT and SPP: the capped price, and the bus', async () => {
    const { rows } = await given('ercot', raw)
    expect(pick(of(rows, 'rt_energy_5min'), 'location', 'lmp', 'lmp_uncapped')).toEqual(['BUSA 5000 5210.4'])
    expect(pick(of(rows, 'rt_as_5min'), 'product', 'price', 'price_uncapped')).toEqual([
      'ECRS 0.51 0.51',
      'REGUP 2000 2417.55',
    ])
    expect(pick((await given('spp', raw)).rows, 'file', 'location', 'location_class', 'zone', 'lmp')).toEqual([
      'da_energy_hourly BUS1 BUS SWPW 20',
    ])
  })
})

describe.skipIf(!existsSync(RECENT))('real files of 2026', () => {
  test('NYISO: custom reports of the OASIS page', async () => {
    const { report, rows } = await given(
      'nyiso',
      join(RECENT, 'nyiso/OASIS_Day-Ahead_Market_Zonal_LBMP.csv'),
      join(RECENT, 'nyiso/OASIS_Real_Time_Commitment_Zonal_LBMP.csv'),
    )
    expect(report.exit_code).toBe(0)
    const [ahead, commitment] = [of(rows, 'da_energy_hourly'), of(rows, 'rt_energy_15min')]
    expect([ahead.length, commitment.length]).toEqual([2208, 8819])
    const columns = [
      'interval_start_utc',
      'location',
      'location_id',
      'location_type',
      'lmp',
      'energy',
      'congestion',
      'loss',
      'is_final',
    ]
    // 21.15 = energy + 1.6 - (-0.01).
    expect(pick([ahead[0], ahead[14], ahead.at(-1)] as Row[], ...columns)).toEqual([
      '2024-06-01T04:00:00Z N.Y.C. 61761 ZONE 22.21 21.03 0 1.18 true',
      '2024-06-01T18:00:00Z N.Y.C. 61761 ZONE 21.15 19.54 0.01 1.6 true',
      '2024-09-01T03:00:00Z N.Y.C. 61761 ZONE 33.98 26.85 5.25 1.88 true',
    ])
    expect(pick([commitment[0], commitment.at(-1)] as Row[], 'market_run', ...columns)).toEqual([
      'RTC 2024-06-01T04:00:00Z N.Y.C. 61761 ZONE 19.03 17.99 0 1.04 false',
      'RTC 2024-09-01T03:45:00Z N.Y.C. 61761 ZONE 38.42 27.87 8.93 1.62 false',
    ])
  })

  test('NYISO: the reference bus without a header is out of scope by name, and no failure', async () => {
    const { report, rows } = await given('nyiso', join(RECENT, 'nyiso/20161101damlbmp_gen_refbus_csv.zip'))
    expect(rows).toEqual([])
    expect(report.problems).toEqual([])
    expect(report.exit_code).not.toBe(65)
    expect([...new Set(report.out_of_scope.map(each => each.reason))]).toEqual([
      expect.stringContaining('reference bus'),
    ])
  })

  test('ISO-NE: two reports in a row of an SMD table, the zone from the name', async () => {
    const { report, rows } = await given('isone', join(RECENT, 'isone/2025_smd_hourly_CT_excerpt.csv'))
    expect(report.exit_code).toBe(0)
    const columns = ['interval_start_utc', 'location', 'location_id', 'lmp', 'energy', 'congestion', 'loss']
    expect(pick(of(rows, 'da_energy_hourly').slice(1, 3), ...columns)).toEqual([
      '2025-11-02T05:00:00Z .Z.CONNECTICUT 4004 33.2 33.59 0 -0.39',
      '2025-11-02T06:00:00Z .Z.CONNECTICUT 4004 31.21 31.69 0 -0.48',
    ])
    expect(pick(of(rows, 'rt_energy_hourly').slice(1, 3), ...columns)).toEqual([
      '2025-11-02T05:00:00Z .Z.CONNECTICUT 4004 36.01 36.3 0 -0.29',
      '2025-11-02T06:00:00Z .Z.CONNECTICUT 4004 35.91 36.27 0 -0.36',
    ])
  })

  test('SPP: a renamed day-ahead file tells its market by 24 whole hours', async () => {
    const { report, rows } = await given('spp', join(RECENT, 'spp/spp-2026-09-23.csv'))
    expect(report.exit_code).toBe(0)
    expect(of(rows, 'da_energy_hourly')).toHaveLength(57)
    expect(rows.reduce((sum, row) => sum + Number(row.lmp), 0)).toBeCloseTo(1527.25, 2)
    expect(rows[0]?.interval_start_utc).toBe('2026-09-23T05:00:00Z')
  })

  test('SPP: reserve prices before and after the first day of ramp products', async () => {
    const { report, rows } = await given(
      'spp',
      join(RECENT, 'spp/DA-MCP-202202280100.csv'),
      join(RECENT, 'spp/DA-MCP-202203010100.csv'),
    )
    expect(report.exit_code).toBe(0)
    const first = (date: string) =>
      rows.filter(row => row.delivery_date === date && row.region === '1' && row.delivery_hour === '1')
    expect(pick(first('2022-02-28'), 'product', 'price')).toEqual([
      'RegDN 9.9861',
      'RegUP 8.691',
      'Spin 0.2501',
      'Supp 0.01',
    ])
    expect(pick(first('2022-03-01'), 'product', 'price')).toEqual([
      'RampDN 0',
      'RampUP 0',
      'RegDN 9.9888',
      'RegUP 8.3331',
      'Spin 0.2598',
      'Supp 0.01',
    ])
  })

  test('NYISO: ancillary prices of a whole day', async () => {
    const sum = (rows: readonly Row[]) => rows.reduce((total, row) => total + Number(row.price), 0)
    const ahead = await given('nyiso', join(RECENT, 'nyiso/20240413damasp.csv'))
    expect(ahead.rows).toHaveLength(1056)
    expect(sum(ahead.rows)).toBeCloseTo(5221.02, 2)
    const real = await given('nyiso', join(RECENT, 'nyiso/20240413rtasp.csv'))
    expect(real.rows).toHaveLength(15_950)
    expect(sum(real.rows)).toBeCloseTo(22_699.31, 2)
  })
})

test('CAISO: the window of a name is of GMT days, and begins in the evening of the day before', async () => {
  const header =
    'INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP'
  const line = (start: string, end: string, price: string) =>
    `${start}-00:00,${end}-00:00,2023-12-31,24,0,N1,N1,N1,DAM,LMP,LMP_PRC,N1,ALL,0,${price},1`
  const text = [
    header,
    line('2024-01-01T07:00:00', '2024-01-01T08:00:00', '31.5'),
    line('2024-01-01T08:00:00', '2024-01-01T09:00:00', '32.5'),
    '',
  ].join('\n')
  const { rows } = await within('2023-01-01', '2023-12-31', {
    '20240101_20240102_PRC_LMP_DAM_20240105_15_30_27_v12.csv': text,
  })
  expect(pick(rows, 'interval_start_local', 'lmp')).toEqual(['2023-12-31T23:00:00 31.5'])
})

test('ERCOT: the later correction wins, whatever the order of rows and files', async () => {
  const original = 'DeliveryDate,HourEnding,AncillaryType,MCPC,DSTFlag\n12/10/2025,08:00,REGUP,6.01,N\n'
  const header = 'DeliveryDate,HourEnding,ASType,MCPCOriginal,MCPCCorrected,PriceCorrectionTime,DSTFlag'
  const line = (price: string, time: string) => `12/10/2025,08:00,REGUP,6.01,${price},${time},N`
  const early = line('7.77', '12/20/2025 09:59:00')
  const late = line('8.88', '12/21/2025 09:59:00')
  const text = (...lines: string[]) => [header, ...lines, ''].join('\n')
  const name = (posted: string) => `cdr.00013044.0000000000000000.${posted}.DAM_MCPC_Price_Corrections.csv`
  const arrangements = [
    { [name('20251222.100000')]: text(early, late) },
    { [name('20251222.100000')]: text(late, early) },
    { [name('20251222.100000')]: text(early), [name('20251221.100000')]: text(late) },
  ]
  for (const files of arrangements) {
    // The original, posted again after all corrections, does not come back.
    const { rows } = await made('ercot', {
      'cdr.00012329.0000000000000000.20260101.123350.DAMCPCNP4188.csv': original,
      ...files,
    })
    expect(pick(rows, 'price', 'revision')).toEqual(['8.88 2'])
  }
})

test.each([...converters.keys()])('%s: an export of any market has a home, or is left out by name', async iso => {
  const line = (word: string) =>
    `2026-06-29 05:00:00-05:00,2026-06-29 06:00:00-05:00,${word},PLACE,Kind,50.0,47.0,2.0,1.0`
  const header = 'Interval Start,Interval End,Market,Location,Location Type,LMP,Energy,Congestion,Loss'
  const { report } = await made(
    iso,
    Object.fromEntries(WORDS.map(word => [`lmp ${word}.csv`, `${header}\n${line(word)}\n`])),
  )
  expect(report.empty).toEqual([])
  expect(report.problems).toEqual([])
  for (const { reason } of report.out_of_scope) expect(reason).toContain('export of a market')
  // The others are read.
  expect(report.out_of_scope.length).toBeLessThan(WORDS.length)
})
