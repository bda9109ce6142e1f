/**
 * Statements of documents that are easily misread, in every market that can meet them: ids as floats, further documents in one file, rows
 * of another market, null words, line ends of CR alone, two rows of one key, lone repeated hours (F1 to F8). SYNTHETIC inputs in published formats.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parquetMetadata } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../src/model/unit.js'
import { Run, SILENT } from '../src/run/convert.js'
import { inspectRaw } from '../src/run/inspect.js'
import {
  convert,
  foundTable,
  optionsFor,
  parquetFiles,
  quarantineOf,
  receiptsOf,
  withFolder,
} from './helpers/fixtures.js'

type Row = Record<string, string>

interface Outcome {
  readonly rows: Row[]
  readonly receipts: Receipt[]
  readonly quarantined: { code: string; line: number }[]
  readonly exit: number
  readonly unknown: string[]
  readonly outOfScope: string[]
  readonly bytes: string[]
}

/** Converts files of one market, given by path below its folder. */
async function converted(iso: string, files: Record<string, string | Buffer>): Promise<Outcome> {
  return withFolder(async folder => {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')]
    for (const [name, content] of Object.entries(files)) {
      const path = join(input, iso, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }
    const report = await convert(optionsFor([iso], input, output))
    expect(report.failures).toEqual([])
    const table = existsSync(join(output, 'parquet')) ? await foundTable(output) : []
    let header: string[] = []
    const rows: Row[] = []
    for (const line of table)
      if (line[0] === 'file') header = line
      else rows.push(Object.fromEntries(header.map((name, at) => [name, line[at] ?? ''])))
    const receipts = receiptsOf(output)
    for (const { counts } of receipts)
      expect(counts.read).toBe(
        counts.written +
          counts.duplicate_identical +
          counts.superseded +
          counts.conflicting +
          counts.quarantined +
          counts.other_market +
          counts.outside_partition,
      )
    return {
      rows,
      receipts,
      quarantined: existsSync(join(output, 'quarantine')) ? quarantineOf(output) : [],
      exit: report.exit_code,
      unknown: report.unknown.map(each => each.reason),
      outOfScope: report.out_of_scope.map(each => each.reason),
      bytes: [...parquetFiles(output).values()].map(each => each.toString('base64')),
    }
  })
}

const pick = (rows: readonly Row[], ...names: string[]) => rows.map(row => names.map(name => row[name] ?? '').join(' '))
const sum = (receipts: readonly Receipt[], name: keyof Receipt['counts']) =>
  receipts.reduce((total, each) => total + each.counts[name], 0)

const PJM =
  'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr'
const pjm = (utc: string, ept: string, id: string, name: string, lmp: string, more = 'True,1') =>
  `${utc},${ept},${id},${name},,,HUB,,20.00,${lmp},0.00,0.00,${more}`
const PJM_EPT =
  'datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr'
const NYISO =
  '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)","Marginal Cost Congestion ($/MWHr)"'
const ERCOT = 'DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag'
const SPP = 'Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC'
const MISO_HEADER = `Node,Type,Value,${Array.from({ length: 24 }, (_, k) => `HE ${k + 1}`).join()}`
const day = (value: string) => Array.from({ length: 24 }, () => value).join()
const miso = (date: string, lmp: string, title = 'Day Ahead Market ExPost LMPs') =>
  [
    title,
    '',
    `${date},,,All Hours-Ending are Eastern Standard Time (EST)`,
    '',
    MISO_HEADER,
    `A.HUB,Hub,LMP,${day(lmp)}`,
    `A.HUB,Hub,MCC,${day('1.00')}`,
    `A.HUB,Hub,MLC,${day('0.50')}`,
  ].join('\r\n')
const isone = (date: string, rows: readonly string[]) =>
  [
    '"C","Day-Ahead Energy Market Hourly LMP Report"',
    '"C","Filename: WW_DALMP_ISO_20240102.csv"',
    '"C","Report generated: 01/01/2024 13:00:00 EST"',
    '"H","Date","Hour Ending","Location ID","Location Name","Location Type","Locational Marginal Price","Energy Component","Congestion Component","Marginal Loss Component"',
    '"H","Date","Hour Ending","Number","String","String","$/MWh","$/MWh","$/MWh","$/MWh"',
    ...rows.map(row => `"D","${date}",${row}`),
    `"T","${rows.length} lines"`,
  ].join('\r\n')
const caiso = (rows: readonly string[]) =>
  [
    'INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP',
    ...rows,
  ].join('\n')
const part = (type: string, value: string, hour = 8, run = 'DAM') =>
  `2024-01-02T${String(hour).padStart(2, '0')}:00:00-00:00,2024-01-02T${String(hour + 1).padStart(2, '0')}:00:00-00:00,2024-01-02,1,0,N1,N1,N1,${run},${type},LMP_X,N1,ALL,0,${value},1`

describe('F1 integers that a data frame turned into floats', () => {
  const pjmRow = (id: string, utc: string, name = 'A') =>
    pjm(`1/2/2024 ${utc}:00:00 AM`, '1/2/2024 12:00:00 AM', id, name, '20.00')
  test.each([
    [
      'pjm',
      'da_hrl_lmps.csv',
      [
        PJM,
        pjmRow('51288', '5'),
        pjmRow('51288.0', '6'),
        pjmRow('2156113284', '5', 'B'),
        pjmRow('2.156113284e+09', '6', 'B'),
      ],
      ['2156113284', '2156113284', '51288', '51288'],
    ],
    [
      'nyiso',
      '20240102damlbmp_zone.csv',
      [NYISO, '"01/02/2024 00:00","WEST",61752,20.00,0.00,0.00', '"01/02/2024 01:00","WEST",61752.0,21.00,0.00,0.00'],
      ['61752', '61752'],
    ],
    [
      'isone',
      '2024-01-02_lmp_day_ahead_hourly.csv',
      [
        'Date,Hour Ending,Location ID,Location Name,Location Type,Locational Marginal Price,Energy Component,Congestion Component,Marginal Loss Component',
        '01/02/2024,1.0,4000.0,.H.INTERNAL_HUB,HUB,20.0,20.0,0.0,0.0',
        '01/02/2024,2.0,4000,.H.INTERNAL_HUB,HUB,21.0,21.0,0.0,0.0',
      ],
      ['4000', '4000'],
    ],
    [
      'caiso',
      '20240102_20240103_PRC_LMP_DAM_20240105_01_01_01_v12.csv',
      caiso([part('LMP', '20.00').replaceAll('N1', 'N1.0')]).split('\n'),
      ['N1.0'],
    ],
    [
      'miso',
      '20240102_da_expost_lmp.csv',
      miso('01/02/2024', '20.00').replaceAll('A.HUB', '51288.0').split('\r\n'),
      Array.from({ length: 24 }, () => '51288.0'),
    ],
  ] as const)('%s: an integer id is one series, a text id stays as it is', async (iso, name, lines, ids) => {
    const { rows, exit } = await converted(iso, { [name]: `${lines.join('\n')}\n` })
    expect([exit, pick(rows, 'location_id')]).toEqual([0, ids])
  })

  test('SPP: reserve zones', async () => {
    const line = (hour: number, zone: string) =>
      `01/02/2024 0${hour}:00:00,01/02/2024 0${hour + 6}:00:00,${zone},1.00,2.00,3.00,4.00`
    const text = ['Interval,GMTIntervalEnd,Reserve Zone,RegUP,RegDN,Spin,Supp', line(1, '1'), line(2, '1.0'), ''].join(
      '\n',
    )
    const { rows } = await converted('spp', { 'DA-MCP-202401020100.csv': text })
    expect(new Set(pick(rows, 'region'))).toEqual(new Set(['1']))
  })

  test('ERCOT: hours and flags', async () => {
    const text = [ERCOT, '11/03/2024,2.0,HB_NORTH,20.0,0.0', '11/03/2024,2.0,HB_NORTH,30.0,1.0', ''].join('\n')
    const { rows, exit } = await converted('ercot', {
      'cdr.00012331.0000000000000000.20241102.123347.DAMSPNP4190.csv': text,
    })
    expect([exit, pick(rows, 'utc_offset_minutes', 'lmp')]).toEqual([0, ['-300 20', '-360 30']])
  })
})

test('F7 integers are plain INT32: a reader that computes in their own width does not overflow', async () => {
  const { bytes } = await converted('nyiso', {
    '20240102damlbmp_zone.csv': `${NYISO}\n"01/02/2024 23:00","WEST",61752,20.00,0.00,0.00\n`,
  })
  const file = Uint8Array.from(Buffer.from(bytes[0] as string, 'base64')).buffer
  const integers = parquetMetadata(file).schema.filter(each => each.type === 'INT32' && each.name !== 'delivery_date')
  expect(integers.map(each => each.name)).toContain('delivery_hour')
  expect(integers.filter(each => each.converted_type !== undefined || each.logical_type !== undefined)).toEqual([])
})

describe('F2 a second document in a file', () => {
  test('MISO: a repeated preamble begins a document of its own date', async () => {
    const both = `${miso('01/02/2024', '20.00')}\r\n${miso('01/03/2024', '30.00')}\r\n`
    const { rows, exit } = await converted('miso', { '20240102_da_expost_lmp.csv': both })
    expect(exit).toBe(0)
    expect(new Set(pick(rows, 'delivery_date', 'lmp'))).toEqual(new Set(['2024-01-02 20', '2024-01-03 30']))
    expect(rows).toHaveLength(48)
  })

  test('MISO: a second document without a date is refused, and the first one stands', async () => {
    const second = miso('01/03/2024', '30.00').replace('01/03/2024', 'no date')
    const { rows, exit } = await converted('miso', {
      '20240102_da_expost_lmp.csv': `${miso('01/02/2024', '20.00')}\r\n${second}\r\n`,
    })
    expect(exit).toBe(65)
    expect(new Set(pick(rows, 'delivery_date', 'lmp'))).toEqual(new Set(['2024-01-02 20']))
  })

  test('ISO-NE: two reports behind one another, each with its own title and closing line', async () => {
    const one = isone('01/02/2024', ['"01","4000",".H.INTERNAL_HUB","HUB","20.00","20.00","0.00","0.00"'])
    const two = isone('01/03/2024', ['"01","4000",".H.INTERNAL_HUB","HUB","30.00","30.00","0.00","0.00"'])
    const { rows, exit } = await converted('isone', { 'WW_DALMP_ISO_20240102.csv': `${one}\r\n${two}\r\n` })
    expect(exit).toBe(0)
    expect(pick(rows, 'delivery_date', 'lmp')).toEqual(['2024-01-02 20', '2024-01-03 30'])
  })

  test.each([
    [
      'pjm',
      'da_hrl_lmps.csv',
      PJM,
      [
        pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '1', 'A', '20.00'),
        pjm('1/2/2024 6:00:00 AM', '1/2/2024 1:00:00 AM', '1', 'A', '21.00'),
      ],
    ],
    [
      'nyiso',
      '20240102damlbmp_zone.csv',
      NYISO,
      ['"01/02/2024 00:00","WEST",61752,20.00,0.00,0.00', '"01/02/2024 01:00","WEST",61752,21.00,0.00,0.00'],
    ],
    [
      'ercot',
      'cdr.00012331.0000000000000000.20240101.123347.DAMSPNP4190.csv',
      ERCOT,
      ['01/02/2024,01:00,HB_NORTH,20.00,N', '01/02/2024,02:00,HB_NORTH,21.00,N'],
    ],
    [
      'spp',
      'DA-LMP-SL-202401020100.csv',
      SPP,
      [
        '01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,20.00,0.00,0.00,20.00',
        '01/02/2024 02:00:00,01/02/2024 08:00:00,A,A1,21.00,0.00,0.00,21.00',
      ],
    ],
    [
      'caiso',
      '20240102_20240103_PRC_LMP_DAM_20240105_01_01_01_v12.csv',
      caiso([]),
      [...['LMP', 'MCE'].map(type => part(type, '20.00')), ...['LMP', 'MCE'].map(type => part(type, '21.00', 9))],
    ],
  ] as const)('%s: a repeated header line is no data and no error', async (iso, name, header, lines) => {
    const half = Math.floor(lines.length / 2)
    const text = [header.trimEnd(), ...lines.slice(0, half), header.trimEnd(), ...lines.slice(half), ''].join('\n')
    const { rows, exit, quarantined } = await converted(iso, { [name]: text })
    expect([exit, quarantined]).toEqual([0, []])
    expect(pick(rows, 'lmp')).toEqual(['20', '21'])
  })

  test('SPP: the second header may have its columns in another order', async () => {
    const text = [
      SPP,
      '01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,20.00,0.25,0.50,19.25',
      'GMTIntervalEnd,Interval,Settlement Location,Pnode,MEC,MCC,MLC,LMP',
      '01/02/2024 08:00:00,01/02/2024 02:00:00,A,A1,20.00,0.50,0.25,20.75',
      '',
    ].join('\n')
    const { rows, exit } = await converted('spp', { 'DA-LMP-SL-202401020100.csv': text })
    expect(exit).toBe(0)
    expect(pick(rows, 'lmp', 'energy', 'congestion', 'loss')).toEqual(['20 19.25 0.5 0.25', '20.75 20 0.5 0.25'])
  })
})

describe('F3 rows of another market', () => {
  test('CAISO: they are counted, named, and read by the sibling that has them', async () => {
    const text = caiso([
      part('LMP', '20.00'),
      part('MCE', '20.00'),
      part('LMP', '99.00', 8, 'RUC'),
      part('MCE', '99.00', 8, 'RUC'),
      '',
    ])
    const { rows, receipts, exit } = await converted('caiso', { 'both.csv': text })
    expect(exit).toBe(0)
    expect(pick(rows, 'market_run', 'lmp')).toEqual(['DAM 20'])
    expect(receipts.map(each => [each.counts.other_market, each.other_markets])).toEqual([[1, ['RUC']]])
  })

  test('PJM: a gridstatus export that mixes 5-minute and hourly rows has both, each in its data set', async () => {
    const text = [
      'Interval Start,Interval End,Market,Location,Location Type,LMP,Energy,Congestion,Loss',
      '2024-01-02 00:00:00-05:00,2024-01-02 01:00:00-05:00,DAY_AHEAD_HOURLY,PJM-RTO,ZONE,20.00,20.00,0.00,0.00',
      '2024-01-02 00:00:00-05:00,2024-01-02 01:00:00-05:00,REAL_TIME_HOURLY,PJM-RTO,ZONE,21.00,21.00,0.00,0.00',
      '',
    ].join('\n')
    const { rows, receipts } = await converted('pjm', { 'pjm.csv': text })
    expect(pick(rows, 'market', 'lmp').sort()).toEqual(['DA 20', 'RT 21'])
    expect(receipts.map(each => each.counts.other_market)).toEqual([1, 1])
  })
})

describe('F4 null words', () => {
  const words = ['NA', 'N/A', 'NaN', 'null', '--', '']
  test.each([
    [
      'pjm',
      'da_hrl_lmps.csv',
      (w: string) =>
        `${PJM}\n${pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '1', 'A', '20.00').replace(',0.00,0.00,True', `,${w},0.00,True`)}\n`,
    ],
    ['nyiso', '20240102damlbmp_zone.csv', (w: string) => `${NYISO}\n"01/02/2024 00:00","WEST",61752,20.00,0.00,${w}\n`],
    [
      'spp',
      'DA-LMP-SL-202401020100.csv',
      (w: string) => `${SPP}\n01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,20.00,0.00,${w},20.00\n`,
    ],
    [
      'isone',
      'WW_DALMP_ISO_20240102.csv',
      (w: string) => `${isone('01/02/2024', [`"01","4000",".H.INTERNAL_HUB","HUB","20.00","20.00","${w}","0.00"`])}\n`,
    ],
    ['miso', '20240102_da_expost_lmp.csv', (w: string) => `${miso('01/02/2024', '20.00').replaceAll('1.00', w)}\n`],
    [
      'caiso',
      '20240102_20240103_PRC_LMP_DAM_20240105_01_01_01_v12.csv',
      (w: string) => `${caiso([part('LMP', '20.00'), part('MCC', w)])}\n`,
    ],
  ] as const)('%s: in a component the component is lost, not the row', async (iso, name, text) => {
    for (const word of words) {
      const { rows, exit, receipts } = await converted(iso, { [name]: text(word) })
      expect(exit, word).toBe(0)
      expect(new Set(pick(rows, 'lmp', 'congestion')), word).toEqual(new Set(['20 ']))
      expect(sum(receipts, 'empty_cells'), word).toBeGreaterThan(0)
    }
  })

  test('ERCOT: in the price it is a missing price, and text that is neither is a bad row', async () => {
    const text = (word: string) => `${ERCOT}\n01/02/2024,01:00,HB_NORTH,20.00,N\n01/02/2024,02:00,HB_NORTH,${word},N\n`
    const name = 'cdr.00012331.0000000000000000.20240101.123347.DAMSPNP4190.csv'
    for (const word of words) {
      const { rows, exit } = await converted('ercot', { [name]: text(word) })
      expect([exit, pick(rows, 'lmp')]).toEqual([0, ['20', '']])
    }
    const bad = await converted('ercot', { [name]: text('pending') })
    expect([bad.exit, bad.quarantined.map(each => each.code)]).toEqual([65, ['number.invalid']])
  })
})

describe('F5 line ends of CR alone', () => {
  test.each([
    ['pjm', 'da_hrl_lmps.csv', [PJM, pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '1', 'A', '20.00')]],
    ['nyiso', '20240102damlbmp_zone.csv', [NYISO, '"01/02/2024 00:00","WEST",61752,20.00,0.00,0.00']],
    [
      'ercot',
      'cdr.00012331.0000000000000000.20240101.123347.DAMSPNP4190.csv',
      [ERCOT, '01/02/2024,01:00,HB_NORTH,20.00,N'],
    ],
    ['spp', 'DA-LMP-SL-202401020100.csv', [SPP, '01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,20.00,0.00,0.00,20.00']],
    ['caiso', '20240102_20240103_PRC_LMP_DAM_20240105_01_01_01_v12.csv', caiso([part('LMP', '20.00')]).split('\n')],
    ['miso', '20240102_da_expost_lmp.csv', miso('01/02/2024', '20.00').split('\r\n')],
    [
      'isone',
      'WW_DALMP_ISO_20240102.csv',
      isone('01/02/2024', ['"01","4000",".H.INTERNAL_HUB","HUB","20.00","20.00","0.00","0.00"']).split('\r\n'),
    ],
  ] as const)('%s: the same rows, converted and inspected', async (iso, name, lines) => {
    const cr = `${lines.join('\r')}\r`
    const [one, two] = [await converted(iso, { [name]: cr }), await converted(iso, { [name]: `${lines.join('\n')}\n` })]
    expect([one.exit, one.rows.length]).toEqual([0, two.rows.length])
    expect(one.rows.length).toBeGreaterThan(0)
    expect(one.bytes).toEqual(two.bytes)
    await withFolder(async folder => {
      writeFileSync(join(folder, name), cr)
      const [member] = await inspectRaw(join(folder, name), [iso], 5)
      expect(member?.views[0]?.rows.length).toBeGreaterThan(0)
    })
  })
})

describe('F6 two rows of one key in one document', () => {
  test.each([
    [
      'pjm',
      'da_hrl_lmps.csv',
      [
        PJM,
        pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '7', 'OLD NAME', '20.00'),
        pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '7', 'NEW NAME', '30.00'),
      ],
      ['NEW NAME 30', 'OLD NAME 20'],
    ],
    [
      'nyiso',
      '20240102damlbmp_gen.csv',
      [
        NYISO,
        '"01/02/2024 00:00","OLD NAME",23512,20.00,0.00,0.00',
        '"01/02/2024 00:00","NEW NAME",23512,30.00,0.00,0.00',
      ],
      ['NEW NAME 30', 'OLD NAME 20'],
    ],
    [
      'isone',
      'WW_DALMP_ISO_20240102.csv',
      isone('01/02/2024', [
        '"01","14099","OLD NAME","NETWORK NODE","20.00","20.00","0.00","0.00"',
        '"01","14099","NEW NAME","NETWORK NODE","30.00","30.00","0.00","0.00"',
      ]).split('\r\n'),
      ['NEW NAME 30', 'OLD NAME 20'],
    ],
    [
      'spp',
      'DA-LMP-SL-202604010100.csv',
      [
        `${SPP},BAA`,
        '04/02/2026 01:00:00,04/02/2026 06:00:00,A,A1,20.00,0.00,0.00,20.00,SPP',
        '04/02/2026 01:00:00,04/02/2026 06:00:00,A,A1,30.00,0.00,0.00,30.00,SWPW',
      ],
      ['A 20', 'A 30'],
    ],
  ] as const)('%s: names or areas tell them apart, and both stay', async (iso, name, lines, expected) => {
    const { rows, receipts, exit } = await converted(iso, { [name]: `${lines.join('\n')}\n` })
    expect(exit).toBe(0)
    expect(pick(rows, 'location', 'lmp')).toEqual(expected)
    expect([sum(receipts, 'conflicting'), sum(receipts, 'superseded')]).toEqual([0, 0])
  })

  test('SPP reserve zones in two balancing areas are two rows', async () => {
    const text = [
      'Interval,GMTIntervalEnd,Reserve Zone,RegUP,RegDN,Spin,Supp,BAA',
      '04/02/2026 01:00:00,04/02/2026 06:00:00,1,1.00,2.00,3.00,4.00,SPP',
      '04/02/2026 01:00:00,04/02/2026 06:00:00,1,5.00,6.00,7.00,8.00,SWPW',
      '',
    ].join('\n')
    const { rows } = await converted('spp', { 'DA-MCP-202604020100.csv': text })
    expect(pick(rows, 'product', 'zone', 'price')).toEqual(
      'RegDN SPP 2,RegDN SWPW 6,RegUP SPP 1,RegUP SWPW 5,Spin SPP 3,Spin SWPW 7,Supp SPP 4,Supp SWPW 8'.split(','),
    )
  })

  test.each([
    [
      'pjm',
      'da_hrl_lmps.csv',
      [
        PJM,
        pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '7', 'A', '20.00'),
        pjm('1/2/2024 5:00:00 AM', '1/2/2024 12:00:00 AM', '7', 'A', '30.00'),
      ],
    ],
    [
      'nyiso',
      '20240102damlbmp_zone.csv',
      [NYISO, '"01/02/2024 00:00","WEST",61752,20.00,0.00,0.00', '"01/02/2024 00:00","WEST",61752,30.00,0.00,0.00'],
    ],
    [
      'ercot',
      'cdr.00012331.0000000000000000.20240101.123347.DAMSPNP4190.csv',
      [ERCOT, '01/02/2024,01:00,HB_NORTH,20.00,N', '01/02/2024,01:00,HB_NORTH,30.00,N'],
    ],
    [
      'spp',
      'DA-LMP-SL-202401020100.csv',
      [
        SPP,
        '01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,20.00,0.00,0.00,20.00',
        '01/02/2024 01:00:00,01/02/2024 07:00:00,A,A1,30.00,0.00,0.00,30.00',
      ],
    ],
    [
      'isone',
      'WW_DALMP_ISO_20240102.csv',
      isone('01/02/2024', [
        '"01","4000",".H.INTERNAL_HUB","HUB","20.00","20.00","0.00","0.00"',
        '"01","4000",".H.INTERNAL_HUB","HUB","30.00","30.00","0.00","0.00"',
      ]).split('\r\n'),
    ],
    [
      'caiso',
      '20240102_20240103_PRC_LMP_DAM_20240105_01_01_01_v12.csv',
      caiso([part('LMP', '20.00'), part('LMP', '30.00')]).split('\n'),
    ],
  ] as const)(
    '%s: if nothing but the price differs, one wins and both are named as conflicting',
    async (iso, name, lines) => {
      const { rows, receipts } = await converted(iso, { [name]: `${lines.join('\n')}\n` })
      expect(rows).toHaveLength(1)
      expect([sum(receipts, 'conflicting'), sum(receipts, 'superseded')]).toEqual([1, 0])
      const [note] = receipts[0]?.conflicts ?? []
      expect([note?.kept.value, note?.beaten.value].sort()).toEqual([20, 30])
      expect(note?.kept.file).toContain(name)
    },
  )

  test('MISO: of two lines of one component one wins, and both are named', async () => {
    const text = miso('01/02/2024', '20.00').replace(
      /(A.HUB,Hub,MLC,.*)/,
      (line: string) => `${line}\r\n${line.replaceAll('0.50', '0.75')}`,
    )
    const { rows, receipts } = await converted('miso', { '20240102_da_expost_lmp.csv': `${text}\r\n` })
    expect(rows).toHaveLength(24)
    expect(sum(receipts, 'conflicting')).toBe(24)
    expect(new Set(pick(rows, 'lmp', 'congestion'))).toEqual(new Set(['20 1']))
  })

  test('two documents of equal standing that differ are conflicting, whatever their digests', async () => {
    const one = [ERCOT, '01/02/2024,01:00,HB_NORTH,20.00,N', ''].join('\n')
    const name = 'cdr.00012331.0000000000000000.20240101.123347.DAMSPNP4190.csv'
    const both = await converted('ercot', { [`a/${name}`]: one, [`b/${name}`]: one.replace('20.00', '30.00') })
    expect([sum(both.receipts, 'conflicting'), sum(both.receipts, 'superseded')]).toEqual([1, 0])
    // A later posting is a fact.
    const later = await converted('ercot', {
      [name]: one,
      [name.replace('123347', '133347')]: one.replace('20.00', '30.00'),
    })
    expect(pick(later.rows, 'lmp')).toEqual(['30'])
    expect([sum(later.receipts, 'conflicting'), sum(later.receipts, 'superseded')]).toEqual([0, 1])
  })
})

describe('F8 a repeated local hour with one reading', () => {
  const hours = ['00', '01', '02', '03']
  const lone: Record<string, { name: string; header: string; line: (hour: string, price: number) => string }> = {
    nyiso: {
      name: '20241103damlbmp_zone.csv',
      header: NYISO,
      line: (hour, price) => `"11/03/2024 ${hour}:00","WEST",61752,${price}.00,0.00,0.00`,
    },
    pjm: {
      name: 'da_hrl_lmps.csv',
      header: PJM_EPT,
      line: (hour, price) => `11/3/2024 ${hour}:00,7,A,,,HUB,,20.00,${price}.00,0.00,0.00,True,1`,
    },
    ercot: {
      name: 'cdr.00012331.0000000000000000.20241102.123347.DAMSPNP4190.csv',
      header: ERCOT.replace(',DSTFlag', ''),
      line: (hour, price) => `11/03/2024,${String(Number(hour) + 1).padStart(2, '0')}:00,HB_NORTH,${price}.00`,
    },
    caiso: {
      name: 'caiso/export.csv',
      header: 'Interval Start,Interval End,Market,Location,Location Type,LMP,Energy,Congestion,Loss,GHG',
      line: (hour, price) => `2024-11-03 ${hour}:00:00,,DAY_AHEAD_HOURLY,N1,Node,${price}.00,,,,`,
    },
    spp: {
      name: 'spp/export.csv',
      header: 'Interval Start,Interval End,Market,Location,Location Type,PNode,LMP,Energy,Congestion,Loss',
      line: (hour, price) => `2024-11-03 ${hour}:00:00,,DAY_AHEAD_HOURLY,A,Settlement Location,A1,${price}.00,,,`,
    },
    isone: {
      name: 'isone/export.csv',
      header: 'Interval Start,Interval End,Market,Location,Location Type,LMP,Energy,Congestion,Loss',
      line: (hour, price) => `2024-11-03 ${hour}:00:00,,DAY_AHEAD_HOURLY,.H.INTERNAL_HUB,HUB,${price}.00,,,`,
    },
  }
  test.each(Object.entries(lone))('%s: is quarantined, and the hour is a gap', async (iso, { name, header, line }) => {
    const text = [header, ...hours.map((hour, k) => line(hour, 20 + k)), ''].join('\n')
    const { rows, quarantined, exit } = await converted(iso, { [name]: text })
    expect(exit).toBe(65)
    expect(quarantined.map(each => each.code)).toEqual(['time.ambiguous'])
    expect(pick(rows, 'lmp')).toEqual(['20', '22', '23'])
  })

  test.each(Object.entries(lone).filter(([iso]) => iso !== 'ercot'))(
    '%s: two readings are two hours',
    async (iso, { name, header, line }) => {
      const text = [header, line('00', 20), line('01', 21), line('01', 31), line('02', 22), ''].join('\n')
      const { rows, exit } = await converted(iso, { [name]: text })
      expect(exit).toBe(0)
      expect(pick(rows, 'utc_offset_minutes', 'lmp').map(each => each.split(' ')[1])).toEqual(['20', '21', '31', '22'])
    },
  )

  test('another document of the day that has both readings settles it', async () => {
    const { name, header, line } = lone.nyiso as (typeof lone)[string]
    const whole = [header, line('00', 20), line('01', 21), line('01', 31), line('02', 22), ''].join('\n')
    const edited = [header, line('00', 20), line('01', 31), line('02', 22), ''].join('\n')
    const { rows, exit, quarantined } = await converted('nyiso', { [`a/${name}`]: whole, [`b/${name}`]: edited })
    expect([exit, quarantined]).toEqual([0, []])
    expect(pick(rows, 'lmp')).toEqual(['20', '21', '31', '22'])
  })
})

describe('B4 a file that ends inside its last number', () => {
  const cut = (lines: readonly string[], last: string) => [...lines.slice(0, -1), last].join('\n')
  const zone = [
    NYISO,
    '"01/02/2024 00:00","WEST",61752,20.00,0.10,0.00',
    '"01/02/2024 01:00","WEST",61752,21.00,0.20,-27.95',
  ]
  test.each(['"01/02/2024 01:00","WEST",61752,21.00,0.20,-2', '"01/02/2024 01:00","WEST",61752,21.00,0.20,-27.9'])(
    'a number with fewer digits than the others is refused: %s',
    async last => {
      const { rows, exit, quarantined } = await converted('nyiso', { '20240102damlbmp_zone.csv': cut(zone, last) })
      expect([exit, pick(rows, 'lmp')]).toEqual([65, ['20']])
      expect(quarantined.map(each => each.code)).toEqual(['csv.truncated'])
    },
  )

  test('one that has all digits is whole', async () => {
    const { rows, exit } = await converted('nyiso', { '20240102damlbmp_zone.csv': zone.join('\n') })
    expect([exit, pick(rows, 'lmp', 'congestion')]).toEqual([0, ['20 0', '21 27.95']])
  })
})

describe('B5 order is kept per location, not per spelling', () => {
  const at = (minute: string, ptid = '61752') =>
    `"01/02/2024 00:${minute}:00","WEST",${ptid},${Number(minute)}.00,0.00,0.00`
  const whole = ['05', '10', '15', '20'].map(minute => at(minute))
  const spans = ['05:00:00Z 5', '05:05:00Z 10', '05:10:00Z 15', '05:15:00Z 20'].map(each => `2024-01-02T${each}`)
  test.each([
    ['one id is quoted', [at('05'), at('10', '"61752"'), at('15'), at('20')]],
    ['two lines have changed places', [whole[0], whole[2], whole[1], whole[3]]],
    ['the last line stands first', [whole[3], whole[0], whole[1], whole[2]]],
  ])('NYISO real time: %s', async (_, lines) => {
    const { rows, exit } = await converted('nyiso', {
      '20240102realtime_zone.csv': `${[NYISO, ...lines].join('\n')}\n`,
    })
    expect(exit).toBe(0)
    expect(pick(rows, 'interval_start_utc', 'lmp')).toEqual(spans)
  })
})

describe('what inspect shows of a raw file', () => {
  const rowsOf = (name: string, text: string) =>
    withFolder(async folder => {
      writeFileSync(join(folder, name), text)
      const [member] = await inspectRaw(join(folder, name), ['nyiso'], 20)
      const [view] = member?.views ?? []
      const rows = (view?.rows ?? []) as Record<string, unknown>[]
      return {
        rows: rows.map(row => `${row.interval_start_utc} ${row.lmp ?? row.price}`),
        rejected: view?.rejected ?? [],
      }
    })
  const at = (minute: string) => `"01/02/2024 00:${minute}:00","WEST",61752,${Number(minute)}.00,0.00,0.00`

  test('runs with their true start, without the advisory ones', async () => {
    const lines = ['05', '10', '15', '30', '45'].map(at)
    const { rows, rejected } = await rowsOf('20240102realtime_zone.csv', `${[NYISO, ...lines].join('\n')}\n`)
    expect(rows).toEqual(['2024-01-02T05:00:00Z 5', '2024-01-02T05:05:00Z 10', '2024-01-02T05:10:00Z 15'])
    expect(rejected.join()).toContain('2 rows of advisory runs')
  })

  test('no row for an empty ancillary cell, nor for a doubtful hour', async () => {
    const header =
      'Time Stamp,Time Zone,Name,PTID,10 Min Spinning Reserve ($/MWHr),10 Min Non-Synchronous Reserve ($/MWHr)'
    const as = await rowsOf('20240102damasp.csv', `${header}\n01/02/2024 00:00,EST,WEST,61752,1.50,\n`)
    expect(as.rows).toEqual(['2024-01-02T05:00:00Z 1.5'])
    const lone = ['00', '01', '02'].map(hour => `"11/03/2024 ${hour}:00","WEST",61752,2${hour}.00,0.00,0.00`)
    const { rows, rejected } = await rowsOf('20241103damlbmp_zone.csv', `${[NYISO, ...lone].join('\n')}\n`)
    expect(rows).toEqual(['2024-11-03T04:00:00Z 200', '2024-11-03T07:00:00Z 202'])
    expect(rejected).toHaveLength(1)
  })
})

describe('B2 a partial row or copy never beats a complete one', () => {
  const whole = miso('01/02/2024', '20.00')
  test('a line that stands twice takes nothing away', async () => {
    const twice = whole.replace(/(A.HUB,Hub,MLC,.*)/, '$1\r\n$1')
    const { rows, receipts } = await converted('miso', { '20240102_da_expost_lmp.csv': `${twice}\r\n` })
    expect(new Set(pick(rows, 'lmp', 'energy', 'congestion', 'loss'))).toEqual(new Set(['20 18.5 1 0.5']))
    expect(sum(receipts, 'duplicate_identical')).toBe(24)
  })

  test('a copy that was cut at a line end takes nothing away, whatever its digest', async () => {
    for (const salt of ['', '\r\n', '\r\n\r\n', '\r\n\r\n\r\n']) {
      const copy = `${whole.split('\r\n').slice(0, -1).join('\r\n')}\r\n${salt}`
      const { rows, receipts } = await converted('miso', {
        'a/20240102_da_expost_lmp.csv': `${whole}\r\n`,
        'b/20240102_da_expost_lmp.csv': copy,
      })
      expect(new Set(pick(rows, 'lmp', 'energy', 'congestion', 'loss'))).toEqual(new Set(['20 18.5 1 0.5']))
      expect([sum(receipts, 'duplicate_identical'), sum(receipts, 'superseded')]).toEqual([24, 0])
    }
  })
})

describe('a final document has spoken', () => {
  test('MISO: an empty cell of the final file is a null price, and the preliminary one does not come back', async () => {
    const title = 'Real Time Market LMPs'
    const final = miso('01/02/2024', '20.00', title).replace('A.HUB,Hub,LMP,20.00,', 'A.HUB,Hub,LMP,,')
    const { rows, receipts } = await converted('miso', {
      '20240102_rt_lmp_final.csv': `${final}\r\n`,
      '20240102_rt_lmp_prelim.csv': `${miso('01/02/2024', '19.00', title)}\r\n`,
    })
    expect(pick(rows, 'lmp', 'is_final').slice(0, 2)).toEqual([' true', '20 true'])
    expect(rows).toHaveLength(24)
    expect(sum(receipts, 'superseded')).toBe(24)
  })
})

test('a partition that loses rows because an input is gone says so, and one that grows does not', async () => {
  await withFolder(async folder => {
    const options = optionsFor(['miso'], join(folder, 'in'), join(folder, 'out'))
    const put = (day: string) => {
      mkdirSync(join(folder, 'in', 'miso'), { recursive: true })
      writeFileSync(
        join(folder, 'in', 'miso', `202401${day}_da_expost_lmp.csv`),
        `${miso(`01/${day}/2024`, '20.00')}\r\n`,
      )
    }
    put('02')
    expect((await convert(options)).shrunk).toEqual([])
    put('03')
    expect((await convert(options)).shrunk).toEqual([])
    rmSync(join(folder, 'in', 'miso', '20240102_da_expost_lmp.csv'))
    const said: string[] = []
    const events = { ...SILENT, log: (level: string, message: string) => void (level === 'warn' && said.push(message)) }
    const report = await new Run(options, events).convert()
    expect(report.shrunk).toEqual([
      { iso: 'MISO', dataset: 'da_energy_hourly', partition: '2024-01', before: 48, rows: 24 },
    ])
    expect(said.join()).toContain('24 rows fewer than before in 1 partition,')
  })
})

test('partitions of an older schema are made anew, and refused where an input of them is gone', async () => {
  await withFolder(async folder => {
    const options = optionsFor(['miso'], join(folder, 'in'), join(folder, 'out'))
    const file = (day: string) => join(folder, 'in', 'miso', `202401${day}_da_expost_lmp.csv`)
    mkdirSync(dirname(file('02')), { recursive: true })
    for (const day of ['02', '03']) writeFileSync(file(day), `${miso(`01/${day}/2024`, '20.00')}\r\n`)
    await convert(options)
    const receipt = join(folder, 'out', 'receipts', 'miso', 'da_energy_hourly', '2024-01.json')
    const grow = () =>
      writeFileSync(receipt, JSON.stringify({ ...JSON.parse(readFileSync(receipt, 'utf8')), schema_version: 1 }))
    grow()
    expect((await convert(options)).written).toHaveLength(1)
    expect(receiptsOf(join(folder, 'out'))[0]?.schema_version).toBe(2)
    grow()
    rmSync(file('03'))
    const before = [...parquetFiles(join(folder, 'out'))]
    await expect(convert(options)).rejects.toMatchObject({ code: 'schema.older', exitCode: 78 })
    await expect(convert(options)).rejects.toThrow(/20240103_da_expost_lmp.csv.*Put the files back/)
    expect([...parquetFiles(join(folder, 'out'))]).toEqual(before)
  })
})

test('B10 one NUL byte costs its row, not the file', async () => {
  const line = (hour: string, name: string) => `"01/02/2024 ${hour}:00","${name}",61752,20.00,0.00,0.00`
  const text = [NYISO, line('00', 'WEST'), line('01', 'WE\0ST'), line('02', 'WEST'), ''].join('\n')
  const { rows, exit, quarantined } = await converted('nyiso', { '20240102damlbmp_zone.csv': text })
  expect(exit).toBe(65)
  expect(rows).toHaveLength(2)
  expect(quarantined.map(each => each.line)).toEqual([3])
})
