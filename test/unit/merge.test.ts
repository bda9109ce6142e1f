/** Merging against the plainest possible reading of the rule: a Map of keys, for any rows in any runs, in memory or spilled. */
import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merge, type Run } from '../../src/merge/merge.js'
import { type LeafCounts, type MergeRules, newCounts } from '../../src/merge/rules.js'
import { inOrder, type Rows, Sorter } from '../../src/merge/run.js'
import { SpilledRun } from '../../src/merge/spill.js'
import { RunStore } from '../../src/merge/store.js'
import { FAILED, LOSER, NORMAL } from '../../src/merge/winner.js'
import { datasetOf } from '../../src/model/dataset.js'
import { Clock } from '../../src/shape/clock.js'
import { Leaves } from '../../src/shape/leaves.js'
import { Series, Table } from '../../src/shape/table.js'
import { scratchFolder } from '../helpers/run.js'

const folder = scratchFolder('merge')
const dataset = datasetOf('da_energy_hourly')
const clock = new Clock('America/New_York')
const VALUES = ['lmp', 'energy', 'congestion', 'loss', 'ghg']

interface Row {
  location: string
  /** Hours after the first of January. */
  hour: number
  origin: number
  values: (number | null)[]
  mask?: number
}

const FIRST = Date.UTC(2024, 0, 1, 5) / 1000

class Setting {
  readonly series = new Series(dataset)
  readonly leaves: Leaves
  constructor(keys: readonly string[]) {
    this.leaves = new Leaves(clock, dataset, keys)
  }

  run(rows: readonly Row[], joined = false): Rows {
    const table = this.table(rows, joined)
    return inOrder(table, new Sorter(this.series, this.leaves).sort(table))
  }

  spilled(rows: readonly Row[]): SpilledRun {
    const table = this.table(rows)
    return SpilledRun.write(table, new Sorter(this.series, this.leaves).sort(table), folder)
  }

  table(rows: readonly Row[], joined = false): Table {
    const table = new Table(VALUES.length)
    table.joined = joined
    for (let k = 0; k < VALUES.length; k++) if (rows.some(row => row.values[k] != null)) table.use(k)
    for (const row of rows) {
      table.reserve()
      const at = table.rows
      const tuple = this.series.columns.map(name =>
        name.startsWith('location') && name !== 'location_class' ? row.location : name === 'market_run' ? 'DAM' : null,
      )
      table.series[at] = this.series.id(tuple)
      table.start[at] = FIRST + row.hour * 3600
      table.end[at] = FIRST + row.hour * 3600 + 3600
      table.origin[at] = row.origin
      table.mask[at] = row.mask ?? 255
      for (let k = 0; k < VALUES.length; k++) (table.values[k] as Float64Array)[at] = row.values[k] ?? Number.NaN
      table.rows++
    }
    return table
  }

  get order() {
    return { series: this.series, leaves: this.leaves, step: 3600 }
  }

  async merge(
    runs: readonly Run[],
    rules: Partial<MergeRules> & { ranks: number[]; standings?: number[]; states?: number[] },
  ) {
    const { ranks, standings = ranks, states = ranks.map(() => NORMAL), ...more } = rules
    const state = Uint8Array.from(states)
    const written: Row[] = []
    const counts = await merge(
      runs,
      this.order,
      {
        judgement: {
          rank: Int32Array.from(ranks),
          standing: Int32Array.from(standings),
          state,
          special: state.some(each => each !== NORMAL),
        },
        combine: 'rows',
        values: VALUES.length,
        untilNext: false,
        derived: [],
        compared: VALUES.map((_, k) => k),
        belongs: undefined,
        optional: [],
        priced: -1,
        whole: new Uint8Array(ranks.length),
        startOf: undefined,
        doubts: undefined,
        quarantine() {},
        ...more,
      },
      {
        rows: (leaf, rows) => {
          for (let at = 0; at < rows.rows; at++) {
            expect(this.leaves.at(rows.start[at] as number)).toBe(leaf)
            written.push({
              location:
                this.series.tuples[rows.series[at] as number]?.[this.series.columns.indexOf('location_id')] ?? '',
              hour: ((rows.start[at] as number) - FIRST) / 3600,
              origin: rows.origin[at] as number,
              values: VALUES.map((_, k) => {
                const value = rows.used[k] ? (rows.values[k] as Float64Array)[at] : undefined
                return value === undefined || Number.isNaN(value) ? null : value
              }),
            })
          }
        },
      },
    )
    return { written, counts }
  }
}

const total = (counts: readonly LeafCounts[], name: Exclude<keyof LeafCounts, 'conflicts'>) =>
  counts.reduce((sum, each) => sum + each[name], 0)
const balanced = (counts: readonly LeafCounts[], candidates: number) =>
  expect(
    (['written', 'duplicateIdentical', 'superseded', 'conflicting', 'failed', 'elsewhere', 'joined'] as const).reduce(
      (sum, name) => sum + total(counts, name),
      0,
    ),
  ).toBe(candidates)

const row = (location: string, hour: number, origin: number, ...values: (number | null)[]): Row => ({
  location,
  hour,
  origin,
  values: [...values, ...Array(VALUES.length - values.length).fill(null)],
})

describe('rows', () => {
  test('are sorted by location, then time, whatever run they come from', async () => {
    const setting = new Setting(['2024-01'])
    const { written, counts } = await setting.merge(
      [
        setting.run([row('b', 2, 0, 1), row('a', 1, 0, 2)]),
        setting.run([row('b', 0, 1, 3), row('a', 0, 1, 4), row('B', 5, 1, 5)]),
      ],
      { ranks: [0, 1] },
    )
    expect(written.map(each => [each.location, each.hour])).toEqual([
      ['B', 5],
      ['a', 0],
      ['a', 1],
      ['b', 0],
      ['b', 2],
    ])
    expect(counts).toEqual([{ ...newCounts(), written: 5 }])
  })

  test.each<[string, Row[], number[], number[], number | undefined, Partial<LeafCounts>]>([
    ['the greater rank wins', [row('a', 0, 0, 1), row('a', 0, 1, 2)], [5, 3], [0, 0], 1, { superseded: 1 }],
    [
      'equal prices are identical',
      [row('a', 0, 0, 1, 2), row('a', 0, 1, 1, 2)],
      [1, 2],
      [0, 0],
      1,
      { duplicateIdentical: 1 },
    ],
    [
      'a missing price equals a missing one',
      [row('a', 0, 0, null), row('a', 0, 1, null)],
      [1, 2],
      [0, 0],
      undefined,
      { duplicateIdentical: 1 },
    ],
    ['a missing price is not zero', [row('a', 0, 0, null), row('a', 0, 1, 0)], [1, 2], [0, 0], 0, { superseded: 1 }],
    [
      'in one document the later row corrects, and it is told',
      [row('a', 0, 0, 1), row('a', 0, 0, 2)],
      [0],
      [0],
      2,
      { conflicting: 1 },
    ],
    [
      'of two rows of one document the one with a price',
      [row('a', 0, 0, 1), row('a', 0, 0, null)],
      [0],
      [0],
      1,
      { conflicting: 1 },
    ],
    ['a failed document gives nothing', [row('a', 0, 0, 1), row('a', 0, 1, 2)], [9, 1], [FAILED, 0], 2, { failed: 1 }],
    [
      'a lost day gives nothing even without a partner',
      [row('a', 0, 0, 1)],
      [0],
      [LOSER],
      undefined,
      { written: 0, superseded: 1 },
    ],
    [
      'a lost day with the same price is a duplicate',
      [row('a', 0, 0, 1), row('a', 0, 1, 1)],
      [0, 1],
      [LOSER, 0],
      1,
      { duplicateIdentical: 1 },
    ],
  ])('%s', async (_, rows, ranks, states, lmp, expected) => {
    for (const spread of [false, true]) {
      const setting = new Setting(['2024-01'])
      const runs = spread ? rows.map(each => setting.run([each])) : [setting.run(rows)]
      const { written, counts } = await setting.merge(runs, { ranks, states })
      expect(counts[0]).toMatchObject({ written: lmp === undefined && expected.written === 0 ? 0 : 1, ...expected })
      expect(written[0]?.values[0] ?? undefined).toBe(lmp)
      balanced(counts, rows.length)
    }
  })

  test('rows of another grid are counted elsewhere', async () => {
    const setting = new Setting(['2024-01'])
    const { written, counts } = await setting.merge([setting.run([row('a', 0, 0, 1), row('a', 1, 0, 2)])], {
      ranks: [0],
      belongs: (_, start) => start > FIRST,
    })
    expect([written.length, counts[0]?.elsewhere]).toEqual([1, 1])
  })

  test('two leaves are two files, one after the other', async () => {
    const setting = new Setting(['2024-02', '2024-01'])
    const { written, counts } = await setting.merge(
      [
        setting.run([row('a', 31 * 24, 0, 1), row('b', 0, 0, 2)]),
        setting.run([row('a', 0, 1, 3), row('b', 31 * 24 - 1, 1, 4)]),
      ],
      { ranks: [0, 1] },
    )
    expect(written.map(each => [each.location, each.hour])).toEqual([
      ['a', 0],
      ['b', 0],
      ['b', 743],
      ['a', 744],
    ])
    expect(counts.map(each => each.written)).toEqual([3, 1])
  })
})

const LMP = 1
const ENERGY = 2
const CONGESTION = 4
const part = (origin: number, mask: number, ...values: (number | null)[]): Row => ({
  ...row('a', 0, origin, ...values),
  mask,
})

describe('components', () => {
  test.each<[string, Row[], number[], (number | null)[], Partial<LeafCounts>]>([
    [
      'of three documents become one row',
      [part(0, LMP, 10), part(1, ENERGY, null, 8), part(2, CONGESTION, null, null, 2)],
      [0, 1, 2],
      [10, 8, 2],
      { written: 1, joined: 2 },
    ],
    [
      'are won one by one',
      [part(0, LMP | ENERGY, 10, 8), part(1, LMP, 11), part(2, ENERGY, null, 7)],
      [1, 2, 0],
      [11, 8, null],
      { written: 1, superseded: 1, joined: 1 },
    ],
    [
      'that are all the same are a duplicate',
      [part(0, LMP | ENERGY, 10, 8), part(1, LMP | ENERGY, 10, 8)],
      [0, 1],
      [10, 8, null],
      { written: 1, duplicateIdentical: 1 },
    ],
    [
      'an empty cell that came beats an older price',
      [part(0, LMP, 10), part(1, LMP, null)],
      [0, 1],
      [null, null, null],
      { written: 1, superseded: 1 },
    ],
    ['one part alone is a row', [part(0, ENERGY, null, 8)], [0], [null, 8, null], { written: 1 }],
  ])('%s', async (_, rows, ranks, values, expected) => {
    for (const order of [rows, [...rows].reverse()]) {
      const setting = new Setting(['2024-01'])
      const { written, counts } = await setting.merge(
        order.map(each => setting.run([each], true)),
        { ranks, combine: 'components' },
      )
      expect(written.map(each => each.values.slice(0, 3))).toEqual([values])
      expect(counts[0]).toMatchObject(expected)
      balanced(counts, rows.length)
    }
  })
})

describe('any rows', () => {
  const anyRow = fc.record({
    location: fc.constantFrom('a', 'b', 'ä', 'zz', ''),
    hour: fc.integer({ min: 700, max: 760 }),
    origin: fc.integer({ min: 0, max: 3 }),
    values: fc.array(fc.option(fc.constantFrom(0, 1, 2.5, -3), { nil: null }), { minLength: 5, maxLength: 5 }),
  })

  test('in any number of runs, some of them spilled, as a Map of keys has them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyRow, { maxLength: 40 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
        async (parts, spill, ranks) => {
          const setting = new Setting(['2024-01', '2024-02'])
          const runs = parts
            .filter(rows => rows.length > 0)
            .map((rows, at) => (spill[at] ? setting.spilled(rows) : setting.run(rows)))
          const { written, counts } = await setting.merge(runs, { ranks })
          for (const run of runs) if (run instanceof SpilledRun) run.remove()
          const best = new Map<string, Row>()
          for (const each of parts.flat()) {
            const key = JSON.stringify([each.hour, each.location])
            const held = best.get(key)
            const [own, other] = [ranks[each.origin] as number, held ? (ranks[held.origin] as number) : -1]
            // Of equals the one that has a price, then the later.
            const keeps = own === other && each.values[0] === null && held?.values[0] !== null
            if (own >= other && !keeps) best.set(key, each)
          }
          const leaf = (each: Row) => (each.hour < 744 ? 0 : 1)
          const expected = [...best.values()].sort(
            (a, b) =>
              leaf(a) - leaf(b) || Buffer.compare(Buffer.from(a.location), Buffer.from(b.location)) || a.hour - b.hour,
          )
          expect(written).toEqual(expected)
          balanced(counts, parts.flat().length)
        },
      ),
      { numRuns: 200 },
    )
    expect(readdirSync(folder), 'spilled runs have no name').toEqual([])
  })
})

describe('a store of runs', () => {
  /** Every fifth run holds no rows of the last location, every seventh has one more price column. */
  const parts = Array.from({ length: 1100 }, (_, run) =>
    Array.from({ length: 12 }, (_, at) =>
      row(`n${(run + at) % 9}`, (run * 7 + at) % 800, run % 4, run, null, run % 7 ? null : at),
    ),
  )

  test.each([
    ['nothing', 0],
    ['some runs', 30_000],
    ['everything', 1e9],
  ])('that may hold %s in memory has few runs, and loses and reorders nothing', async (_, memory) => {
    const setting = new Setting(['2024-01', '2024-02'])
    const store = new RunStore(memory, folder, setting.order)
    const plain: Rows[] = []
    for (const rows of parts) {
      plain.push(setting.run(rows))
      await store.add(setting.table(rows))
    }
    const spilled = store.runs.filter(run => run instanceof SpilledRun)
    // 1,100 = 4 x 256 + 4 x 16 + 12: blocks in memory grow with the logarithm of the runs.
    if (memory === 0) expect(spilled.length).toBe(4 + 4 + 12)
    expect(store.spilled).toBe(memory === 0 ? 1100 : memory === 1e9 ? 0 : store.spilled)
    expect(store.runs.reduce((sum, run) => sum + run.rows, 0)).toBe(1100 * 12)
    const ranks = [0, 0, 0, 0]
    expect(await setting.merge(store.runs, { ranks })).toEqual(await setting.merge(plain, { ranks }))
    store.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test('a full disk while runs are made one is an error, and nothing stays open', async () => {
    const setting = new Setting(['2024-01'])
    const store = new RunStore(0, `${folder}/nowhere`, setting.order)
    await expect(store.add(setting.table([row('a', 0, 0, 1)]))).rejects.toThrow(/--tmp-dir/)
    store.close()
  })
})

describe('spilled runs', () => {
  test('come back as they were, over several blocks, with the columns that they had', async () => {
    const rows = Array.from({ length: 40_000 }, (_, at) =>
      row(`n${String(at % 500).padStart(3, '0')}`, Math.floor(at / 500), at % 3, at / 7, at % 2 ? null : -at),
    )
    const setting = new Setting(['2024-01'])
    const run = setting.run(rows)
    const spilled = setting.spilled(rows)
    expect(spilled.blocks).toBe(Math.ceil(rows.length / 4096))
    expect(spilled.rows).toBe(rows.length)
    let at = 0
    for (let block = 0; block < spilled.blocks; block++) {
      const read = spilled.read(block)
      const to = at + read.rows
      expect(read.series.slice(0, read.rows)).toEqual(run.series.slice(at, to))
      expect(read.start.slice(0, read.rows)).toEqual(run.start.slice(at, to))
      expect(read.origin.slice(0, read.rows)).toEqual(run.origin.slice(at, to))
      expect(read.end === null).toBe(run.end === null)
      expect(read.mask === null).toBe(run.mask === null)
      run.values.forEach((column, k) => {
        expect(read.values[k] === null).toBe(column === null)
        if (column) expect(read.values[k]?.slice(0, read.rows)).toEqual(column.slice(at, to))
      })
      at = to
    }
    expect(at).toBe(rows.length)
    expect(readdirSync(folder)).toEqual([])
    spilled.remove()
  })

  test('a folder that is not there names --tmp-dir', async () => {
    const setting = new Setting(['2024-01'])
    expect(() => new SpilledRun(setting.run([row('a', 0, 0, 1)]), `${folder}/nowhere`)).toThrow(/--tmp-dir/)
  })
})
