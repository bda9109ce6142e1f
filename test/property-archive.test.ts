/** Same inputs, same bytes: small archives in any order, place, batch, memory and number of workers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Run } from '../src/run/convert.js'
import { Protection } from '../src/run/protection.js'
import { convertUnit } from '../src/run/unit.js'
import {
  command,
  convert,
  dateAfter,
  digits,
  easternDay,
  ensureBuilt,
  misoDay,
  nyisoDay,
  optionsFor,
  parquetDigests,
  pjmFile,
  put,
  receipts,
  rowsOf,
  scratchFolder,
  unbalanced,
} from './helpers/run.js'
import { makeZip } from './helpers/zip.js'

const scratch = scratchFolder('archive')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))

/** Content under its published name; copies of one document may bear other names and lie anywhere. */
interface Piece {
  readonly name: string
  readonly content: string | Buffer
}

const HOUR = 3_600_000
const day = (date: string, more: Partial<Parameters<typeof pjmFile>[0][number]> = {}) => ({
  ...easternDay(date),
  ...more,
})

/** Revisions, overlaps, copies with other prices and other names, days of the clock change, zips: all that the winner rule must settle. */
function pieces(date: string, seeds: readonly number[]): Record<'pjm' | 'nyiso' | 'miso', Piece[]> {
  const next = dateAfter(date, 1)
  const d = digits(date)
  const [one = 0, two = 1] = seeds
  const damlbmp = nyisoDay('damlbmp_zone', date, { seed: one })
  return {
    pjm: [
      { name: 'da_hrl_lmps.csv', content: pjmFile([day(date, { seed: one }), day(next, { seed: one })]) },
      // Overlaps the first by a day, with later versions of some rows and older ones of others.
      {
        name: 'da_hrl_lmps (1).csv',
        content: pjmFile([
          day(next, { seed: two, current: false, version: 1 }),
          day(next, { seed: two, version: 2, nodes: 2 }),
        ]),
      },
      { name: 'da_hrl_lmps (2).csv', content: pjmFile([day(date, { seed: two, nodes: 4 })]) },
      { name: 'rt_hrl_lmps.csv', content: pjmFile([day(date, { side: 'rt', seed: one })]) },
      {
        name: 'rt_fivemin_hrl_lmps.csv',
        content: pjmFile([{ ...day(date), side: 'rt', step: HOUR / 12, nodes: 2, seed: two }]),
      },
    ],
    nyiso: [
      { name: `${d}damlbmp_zone.csv`, content: damlbmp },
      { name: `${d}damlbmp_zone (1).csv`, content: nyisoDay('damlbmp_zone', date, { seed: two }) },
      { name: `${d}damlbmp_gen.csv`, content: nyisoDay('damlbmp_gen', date, { seed: two, names: 8 }) },
      { name: `${d}realtime_zone.csv`, content: nyisoDay('realtime_zone', date, { seed: one }) },
      // Saved during the day: loses as a whole.
      { name: `${d}realtime_zone (1).csv`, content: nyisoDay('realtime_zone', date, { seed: two, until: 0.6 }) },
      {
        name: `${d}damlbmp_zone_csv.zip`,
        content: makeZip([
          { name: `${d}damlbmp_zone.csv`, data: nyisoDay('damlbmp_zone', date, { seed: two + 7 }) },
          { name: `${digits(next)}damlbmp_zone.csv`, data: nyisoDay('damlbmp_zone', next, { seed: one }) },
        ]),
      },
    ],
    miso: [
      { name: `${d}_da_expost_lmp.csv`, content: misoDay('da_expost_lmp', date, { seed: one }) },
      { name: `${d}_da_expost_lmp_hubs_only.csv`, content: misoDay('da_expost_lmp', date, { seed: one, nodes: 1 }) },
      { name: `${digits(next)}_da_expost_lmp.csv`, content: misoDay('da_expost_lmp', next, { seed: one }) },
      { name: `${d}_da_exante_lmp.csv`, content: misoDay('da_exante_lmp', date, { seed: two }) },
      { name: `${d}_rt_lmp_prelim.csv`, content: misoDay('rt_lmp_prelim', date, { seed: two }) },
      { name: `${d}_rt_lmp_final.csv`, content: misoDay('rt_lmp_final', date, { seed: one, nodes: 4 }) },
    ],
  }
}

interface Layout {
  readonly order: readonly number[]
  readonly folders: readonly string[]
  readonly ages: readonly number[]
  /** Which pieces lie there twice, under the same name in another folder. */
  readonly twice: readonly boolean[]
}

const PLACES = ['', 'a/', 'z/', '2023/deep/er/', 'B/', 'ä ö/']

function lay(list: readonly Piece[], layout: Layout): string {
  const folder = fresh()
  for (const at of layout.order) {
    const piece = list[at % list.length] as Piece
    const where = layout.folders[at % layout.folders.length] ?? ''
    const places = layout.twice[at % layout.twice.length] ? [where, `copy of ${at}/`] : [where]
    for (const place of places) {
      const path = join(folder, place, piece.name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, piece.content)
      const age = layout.ages[at % layout.ages.length] ?? 0
      utimesSync(path, age, age)
    }
  }
  return folder
}

const layouts = (count: number): fc.Arbitrary<Layout> =>
  fc.record({
    order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
    folders: fc.array(fc.constantFrom(...PLACES), { minLength: count, maxLength: count }),
    ages: fc.array(fc.integer({ min: 1, max: 1_700_000_000 }), { minLength: count, maxLength: count }),
    twice: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  })

/** An ordinary month's end, both days of the clock change, a year's end. */
const DATES = ['2024-02-29', '2024-03-09', '2024-11-02', '2023-12-31', '2025-11-02']
const PLAIN: Layout = { order: [...Array(8).keys()], folders: [''], ages: [1_600_000_000], twice: [false] }

describe.each(['pjm', 'nyiso', 'miso'] as const)('%s archives', iso => {
  test('order, folders, ages, copies, batches and memory make no difference to the bytes', {
    timeout: 240_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...DATES),
        fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 19 })),
        layouts(6),
        fc.constantFrom(1, 2, 3, 50),
        fc.boolean(),
        async (date, seeds, layout, batchSize, spill) => {
          const list = pieces(date, seeds)[iso]
          const [plain, other] = [fresh(), fresh()]
          const first = await convert(iso, lay(list, { ...PLAIN, order: list.map((_, at) => at) }), plain)
          expect(first.exit_code).toBe(0)
          const input = lay(list, layout)
          if (spill) expect(await spilled(iso, input, other)).toBeGreaterThan(0)
          else expect((await convert(iso, input, other, { batchSize })).exit_code).toBe(0)
          expect(parquetDigests(other)).toEqual(parquetDigests(plain))
          expect(Object.keys(parquetDigests(plain)).length).toBeGreaterThan(1)
          expect(unbalanced([...receipts(plain), ...receipts(other)])).toEqual([])
          for (const folder of [plain, other, input]) rmSync(folder, { recursive: true })
        },
      ),
      { numRuns: 12 },
    )
  })

  test('no key stands twice, and rows are sorted', async () => {
    const output = fresh()
    const list = pieces('2024-11-02', [1, 2])[iso]
    await convert(iso, lay(list, { ...PLAIN, order: list.map((_, at) => at) }), output)
    for (const dataset of new Set(receipts(output).map(each => each.dataset))) {
      const rows = await rowsOf(output, iso, dataset)
      const keys = rows.map(row =>
        [row.interval_start_utc, row.market_run, row.location_id, row.location_class].join('|'),
      )
      expect(new Set(keys).size).toBe(keys.length)
      const sorted = rows.map(row =>
        [row.delivery_date?.toString().slice(0, 7), row.location_id, row.location_class, row.interval_start_utc].join(
          '\0',
        ),
      )
      if (dataset !== 'rt_energy_5min') expect(sorted).toEqual([...sorted].sort())
    }
  })
})

/** Converts with so little memory that every batch goes to disk; the number of runs that did. */
async function spilled(iso: string, input: string, output: string): Promise<number> {
  const options = optionsFor([iso], input, output, { batchSize: 1 })
  let runs = 0
  for (const { converter, plan } of await new Run(options).plan())
    for (const unit of plan.units)
      runs += (
        await convertUnit(converter, unit, {
          ...new Protection(options, () => {}).unitOptions(1),
          memory: 1,
          tmpDir: scratch,
        })
      ).spilledRuns
  return runs
}

describe('the built command', () => {
  const input = join(scratch, 'built')
  let expected: Record<string, string>

  beforeAll(async () => {
    await ensureBuilt()
    for (const iso of ['pjm', 'nyiso', 'miso'] as const)
      put(
        input,
        Object.fromEntries(
          DATES.slice(0, 3).flatMap((date, at) =>
            pieces(date, [at, at + 1])[iso].map(({ name, content }) => [`${iso}/${at}/${name}`, content]),
          ),
        ),
      )
    const output = fresh()
    const report = await convert(['pjm', 'nyiso', 'miso'], input, output)
    expect(report.exit_code).toBe(0)
    expected = parquetDigests(output)
    expect(Object.keys(expected).length).toBeGreaterThan(10)
  })

  test.each([
    ['no worker', ['--workers', '0'], {}],
    ['one worker', ['--workers', '1'], {}],
    ['two workers', ['--workers', '2', '--batch-size', '2', '--max-in-flight', '1'], {}],
    ['F39 TZ=Asia/Kolkata', ['--workers', '1'], { TZ: 'Asia/Kolkata' }],
    ['F39 TZ=America/New_York', ['--workers', '0'], { TZ: 'America/New_York' }],
    ['F39 LANG=de_DE', ['--workers', '2'], { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' }],
    [
      'F39 TZ and LANG together',
      ['--workers', '0'],
      { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    ],
  ])('gives the bytes of this process: %s', async (_, flags, env) => {
    const output = fresh()
    const { code, stderr } = await command(['all', '--input', input, '--output', output, ...flags], { env })
    expect(stderr).not.toMatch(/error/i)
    expect(code).toBe(0)
    expect(parquetDigests(output)).toEqual(expected)
    expect(unbalanced(receipts(output))).toEqual([])
  })
})
