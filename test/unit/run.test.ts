/** Headers, plans and exit codes: what a run decides before and after it converts. */
import { describe, expect, test } from 'vitest'
import { converters } from '../../converters/index.js'
import { datasetOf } from '../../src/model/dataset.js'
import { EXIT_CODES } from '../../src/model/errors.js'
import { daysOf, parquetPath, partitionOf, receiptPath } from '../../src/model/partition.js'
import { type Converter, normalise, type Report } from '../../src/model/report.js'
import type { Receipt } from '../../src/model/unit.js'
import { Header, mismatch, productsOf, unknownColumns } from '../../src/read/header.js'
import type { Inventory } from '../../src/run/inventory.js'
import { makePlan, type Selection, selects } from '../../src/run/plan.js'
import { exitCodeOf, missingIn, type RunReport } from '../../src/run/report.js'
import { fitsHeader } from '../../src/shape/source.js'
import { scratchFolder } from '../helpers/run.js'

const reportOf = (iso: string, id: string) =>
  (converters.get(iso) as Converter).reports.find(each => each.id === id) as Report

describe('headers', () => {
  test.each([
    ['LBMP ($/MWHr)', 'lbmp'],
    ['Marginal Cost Congestion ($/MWH', 'marginalcostcongestion'],
    ['\uFEFFdatetime_beginning_utc', 'datetimebeginningutc'],
    ['ï»¿datetime_beginning_utc', 'datetimebeginningutc'],
    [' HE 1', 'he1'],
    ['"Time Stamp"', 'timestamp'],
  ])('%j is %s', (printed, name) => expect(normalise(printed)).toBe(name))

  const cut = [
    'Time Stamp',
    'Name',
    'PTID',
    'LBMP ($/MWHr)',
    'Marginal Cost Losses ($/MWHr)',
    'Marginal Cost Congestion ($/MWH',
  ]
  test('columns are found by name: old spelling, other order', () => {
    const report = reportOf('nyiso', 'damlbmp_zone')
    expect(mismatch(report, new Header(cut))).toBeNull()
    expect(mismatch(report, new Header([...cut].reverse()))).toBeNull()
    expect(mismatch(report, new Header(cut.slice(0, 5)))).toMatch(/Marginal Cost Congestion/)
    expect(unknownColumns(report, new Header([...cut, 'Extra']))).toEqual(['Extra'])
  })

  test('the header is searched below the preamble, and a title is asked for where headers are shared', () => {
    const expost = reportOf('miso', 'da_expost_lmp')
    const header = ['Node', 'Type', 'Value', ...Array.from({ length: 24 }, (_, at) => `HE ${at + 1}`)]
    const headers = (...all: string[][]) => all.map(cells => new Header(cells))
    const lines = (title: string) => headers([title], ['01/01/2023'], [''], ['', '', '', 'All Hours-Ending'], header)
    expect(fitsHeader(expost, lines('Day Ahead Market ExPost LMPs'), true)).toBe(true)
    expect(fitsHeader(expost, lines('Day Ahead Market ExAnte LMPs'), true)).toBe(false)
    expect(fitsHeader(expost, lines('Day Ahead Market ExAnte LMPs'), false)).toBe(true)
    expect(fitsHeader(expost, headers(header.slice(0, 20)), false)).toBe(false)
    expect(fitsHeader(expost, headers(['MARKET_DAY', ...header]), false)).toBe(false)
  })

  test('product columns of NYISO’s eras', () => {
    const { layout } = reportOf('nyiso', 'rtasp')
    const products = (names: string[]) =>
      productsOf(layout, new Header(names)).map(({ attributes, at }) => [
        attributes.region ?? '',
        attributes.product,
        at.length,
      ])
    expect(
      products([
        'Time Stamp',
        'Time Zone',
        'Name',
        'PTID',
        '10 Min Spinning Reserve ($/MWHr)',
        ' NYCA Regulation Movement ($/MW)',
      ]),
    ).toEqual([
      ['', '10 Min Spinning Reserve', 1],
      ['', 'NYCA Regulation Movement', 1],
    ])
    expect(
      products([
        'Time Stamp',
        'East Regulation ($/MWHr)',
        'SENY 30 Min Operating Reserve ($/MWH',
        'SENY 30 Min Operating Reserve ($/MWHr)',
      ]),
    ).toEqual([
      ['EAST', 'NYCA Regulation Capacity', 1],
      ['SENY', '30 Min Operating Reserve', 2],
    ])
  })
})

describe('partitions', () => {
  const month = datasetOf('da_energy_hourly')
  const day = datasetOf('rt_energy_5min')
  test('keys, days, paths', () => {
    expect([partitionOf(month, '2024-02-29'), partitionOf(day, '2024-02-29')]).toEqual(['2024-02', '2024-02-29'])
    expect(daysOf('2024-02')).toEqual({ first: '2024-02-01', last: '2024-02-29' })
    expect(daysOf('2023-12')).toEqual({ first: '2023-12-01', last: '2023-12-31' })
    expect(daysOf('2024-03-09')).toEqual({ first: '2024-03-09', last: '2024-03-09' })
    expect(parquetPath('MISO', month, '2024-03')).toBe(
      'parquet/miso/da_energy_hourly/year=2024/month=3/miso_da_energy_hourly_2024-03.parquet',
    )
    expect(parquetPath('PJM', day, '2024-03-09')).toBe(
      'parquet/pjm/rt_energy_5min/year=2024/month=3/day=9/pjm_rt_energy_5min_2024-03-09.parquet',
    )
    expect(receiptPath('MISO', month, '2024-03')).toBe('receipts/miso/da_energy_hourly/2024-03.json')
  })
})

const output = scratchFolder('plan')
const EVERYTHING: Selection = { datasets: ['da_energy_hourly', 'rt_energy_hourly'], ranges: [], limit: undefined }
const ADAY = 86_400

interface Source {
  name: string
  leaves: string[]
  report?: string
  size?: number
}

function plan(sources: readonly Source[], selection: Partial<Selection> = {}) {
  const files = new Map(
    sources.map(({ name, leaves, report = 'da_hrl_lmps', size = 10 }, at) => [
      name,
      {
        size,
        mtime: 1,
        problems: [],
        items: [
          {
            member: {
              path: name,
              entries: [],
              steps: [],
              gzip: false,
              kind: 'data',
              size,
              time: 0,
              name,
              warnings: [],
            },
            display: name,
            verdict: { kind: 'sources', sources: [{ report, groups: {}, leaves, first: at * ADAY }] },
          },
        ],
      },
    ]),
  )
  const inventory = { root: '', files, problems: [], examined: 0 } as unknown as Inventory
  return makePlan(converters.get('pjm') as Converter, inventory, output, { ...EVERYTHING, ...selection }, false)
}
const shape = (made: ReturnType<typeof plan>) =>
  made.units.map(
    unit => `${unit.dataset} ${unit.leaves.join('+')}: ${unit.sources.map(each => each.display).join(' ')}`,
  )
const months = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `2024-${String(from + at).padStart(2, '0')}`)

describe('plans', () => {
  test('one unit for each leaf, with all that reach it', () => {
    expect(
      shape(
        plan([
          { name: 'a', leaves: months(1, 1) },
          { name: 'b', leaves: months(2, 2) },
          { name: 'c', leaves: months(1, 1) },
        ]),
      ),
    ).toEqual(['da_energy_hourly 2024-01: a c', 'da_energy_hourly 2024-02: b'])
  })

  test('a file of two leaves is read for each', () => {
    expect(
      shape(
        plan([
          { name: 'a', leaves: months(1, 2) },
          { name: 'b', leaves: months(2, 3) },
        ]),
      ),
    ).toEqual(['da_energy_hourly 2024-01: a', 'da_energy_hourly 2024-02: a b', 'da_energy_hourly 2024-03: b'])
  })

  test('a longer file joins its leaves into one unit, and leaves others alone', () => {
    expect(
      shape(
        plan([
          { name: 'year', leaves: months(1, 4) },
          { name: 'b', leaves: months(4, 5) },
          { name: 'c', leaves: months(6, 6) },
        ]),
      ),
    ).toEqual([
      'da_energy_hourly 2024-01+2024-02+2024-03+2024-04: year b',
      'da_energy_hourly 2024-05: b',
      'da_energy_hourly 2024-06: c',
    ])
    expect(
      shape(
        plan([
          { name: 'x', leaves: months(1, 3) },
          { name: 'y', leaves: months(3, 5) },
        ]),
      ),
    ).toEqual(['da_energy_hourly 2024-01+2024-02+2024-03+2024-04+2024-05: x y'])
  })

  test('data sets are apart; only what was asked for is in it', () => {
    const sources = [
      { name: 'a', leaves: months(1, 1) },
      { name: 'b', leaves: months(1, 1), report: 'rt_hrl_lmps' },
    ]
    expect(shape(plan(sources))).toEqual(['da_energy_hourly 2024-01: a', 'rt_energy_hourly 2024-01: b'])
    expect(shape(plan(sources, { datasets: ['rt_energy_hourly'] }))).toEqual(['rt_energy_hourly 2024-01: b'])
  })

  test('a range takes the leaves that it touches; the rest is counted outside', () => {
    const made = plan(
      [
        { name: 'year', leaves: months(1, 4) },
        { name: 'b', leaves: months(9, 9) },
      ],
      {
        ranges: [{ from: '2024-02-29', to: '2024-03-01' }],
      },
    )
    expect(shape(made)).toEqual(['da_energy_hourly 2024-02+2024-03: year'])
    expect([made.outside, made.sources, made.span]).toEqual([1, 2, { first: '2024-01', last: '2024-09' }])
  })

  test.each([
    ['2024-02', true],
    ['2024-01', false],
    ['2024-03-01', false],
    ['2024-02-10', true],
  ])('range of February against %s: %s', (key, expected) =>
    expect(selects({ ...EVERYTHING, ranges: [{ from: '2024-02-10', to: '2024-02-20' }] }, key)).toBe(expected),
  )

  test('at most n files of each report', () => {
    const sources = ['a', 'b', 'c', 'd'].map((name, at) => ({
      name,
      leaves: months(1, 1),
      report: at % 2 ? 'rt_hrl_lmps' : 'da_hrl_lmps',
    }))
    expect(shape(plan(sources, { limit: 1 }))).toEqual(['da_energy_hourly 2024-01: a', 'rt_energy_hourly 2024-01: b'])
  })

  test('the fingerprint of a leaf follows its own sources only', () => {
    const print = (sources: Source[]) => Object.assign({}, ...plan(sources).units.map(unit => unit.fingerprints))
    const one = print([
      { name: 'a', leaves: months(1, 1) },
      { name: 'b', leaves: months(2, 2) },
    ])
    const turned = print([
      { name: 'b', leaves: months(2, 2) },
      { name: 'a', leaves: months(1, 1) },
    ])
    const grown = print([
      { name: 'a', leaves: months(1, 1) },
      { name: 'b', leaves: months(2, 2), size: 11 },
    ])
    expect(turned).toEqual(one)
    expect(grown['2024-01']).toBe(one['2024-01'])
    expect(grown['2024-02']).not.toBe(one['2024-02'])
  })
})

describe('exit codes', () => {
  const clean = { failures: [], problems: [], datasets: [] }
  const receipt = (read: number, quarantined: number) => ({ counts: { read, quarantined } }) as unknown as Receipt
  const none = { badRows: { count: 0 }, gaps: undefined }
  const failure = (exit_code: number) => ({ failures: [{ exit_code }] }) as unknown as Partial<RunReport>
  const problem = (code: string) => ({ problems: [{ file: 'f', code, message: '' }] })
  const gaps = (missing_intervals: number) => ({ datasets: [{ missing_intervals }] }) as unknown as Partial<RunReport>

  test.each<[string, Partial<RunReport>, Receipt[], Parameters<typeof exitCodeOf>[2], number]>([
    ['all is well', {}, [receipt(100, 0)], none, 0],
    ['nothing to do', {}, [], none, 0],
    ['one bad row', {}, [receipt(100, 1)], none, 65],
    ['as many as allowed', {}, [receipt(100, 1), receipt(100, 1)], { ...none, badRows: { count: 2 } }, 0],
    ['one more', {}, [receipt(100, 1), receipt(100, 2)], { ...none, badRows: { count: 2 } }, 65],
    ['one per cent', {}, [receipt(100, 1)], { ...none, badRows: { percent: 1 } }, 0],
    ['more than one per cent', {}, [receipt(99, 1)], { ...none, badRows: { percent: 1 } }, 65],
    ['a bad file', problem('zip.crc'), [], { ...none, badRows: { count: 99 } }, 65],
    ['a file that changed', problem('file.changed'), [], none, 75],
    ['a file that vanished', problem('io.ENOENT'), [], none, 75],
    ['gaps do not matter', gaps(5), [], none, 0],
    ['unless they are limited', gaps(5), [], { ...none, gaps: 4 }, 65],
    ['and are within the limit', gaps(5), [], { ...none, gaps: 5 }, 0],
    ['a unit that failed', failure(74), [receipt(9, 9)], none, 74],
    ['a unit that failed is graver than a bad file', { ...failure(71), ...problem('zip.crc') }, [], none, 71],
  ])('%s', (_, report, receipts, limits, code) => {
    expect(exitCodeOf({ ...clean, ...report } as RunReport, receipts, limits)).toBe(code)
    expect(Object.keys(EXIT_CODES)).toContain(String(code))
  })

  test('days before the first and after the last are no gaps', () => {
    const coverage = (...present: number[]) =>
      ({
        coverage: Object.fromEntries(present.map((each, at) => [`d${at}`, { expected: 24, present: each }])),
      }) as unknown as Receipt
    expect(missingIn(coverage(0, 24, 24, 0))).toBe(0)
    expect(missingIn(coverage(0, 20, 0, 24, 0))).toBe(28)
    expect(missingIn(coverage(0, 0))).toBe(0)
  })
})
