/**
 * Inputs that try to break the budget. Whatever comes of them: the processes together stay within it, the exit code tells the truth, what
 * was converted before is untouched, and the other units of the same run are converted.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, nyisoDay, parquetDigests, pjmFile, put, scratchFolder } from '../helpers/run.js'
import { HOUR } from '../oracle/time.js'
import { archives, type Conversion, converted, GiB, hostile, outputOf, tell } from './measured.js'

const LIMIT = 0.4
const scratch = scratchFolder('hostile')

const pjmMonth = (month: number, seed: number) => {
  const from = Date.UTC(2024, month - 1, 10, 5)
  return pjmFile([{ from, to: from + 24 * HOUR, seed }])
}

interface Case {
  readonly folder: string
  readonly old: Readonly<Record<string, string>>
}

/** An archive of three units that are converted; then one of them is to be converted again. */
async function prepared(name: string): Promise<Case> {
  const folder = join(scratch, name)
  put(folder, {
    'pjm/da_hrl_lmps_2024-01.csv': pjmMonth(1, 1),
    'pjm/da_hrl_lmps_2024-02.csv': pjmMonth(2, 1),
    'nyiso/20240110damlbmp_zone.csv': nyisoDay('damlbmp', '2024-01-10', { seed: 1 }),
  })
  const { status, stderr } = await converted(folder, { isos: ['pjm', 'nyiso'], limit: LIMIT })
  expect(status, stderr).toBe(0)
  const old = parquetDigests(outputOf(folder))
  expect(Object.keys(old)).toHaveLength(3)
  put(folder, { 'pjm/da_hrl_lmps_2024-02.csv': pjmMonth(2, 2) })
  return { folder, old }
}

async function attacked(name: string, { folder }: Case): Promise<Conversion> {
  const run = await converted(folder, { isos: ['pjm', 'nyiso', 'spp'], limit: LIMIT })
  tell(name, run)
  expect(run.wholePeak, run.stderr).toBeLessThanOrEqual(1.1 * LIMIT * GiB)
  expect(run.report, run.stderr).toBeDefined()
  expect(run.report?.exit_code).toBe(run.status)
  return run
}

const JANUARY = /pjm\/.*month=1\//
const FEBRUARY = /pjm\/.*month=2\//
const digest = (all: Readonly<Record<string, string>>, path: RegExp) =>
  Object.entries(all).find(([name]) => path.test(name))?.[1]

/** The unit that had nothing to do with the attack. */
function othersWereConverted({ folder, old }: Case): void {
  const now = parquetDigests(outputOf(folder))
  expect(digest(now, FEBRUARY)).toBeDefined()
  expect(digest(now, FEBRUARY)).not.toBe(digest(old, FEBRUARY))
}

/** Memory did not suffice, and everything says so. */
function failedForMemory(run: Conversion, { folder, old }: Case): void {
  const { status, stderr, report } = run
  expect(status, stderr).toBe(71)
  expect(stderr).toMatch(/^error: PJM da_energy_hourly 2024-01: not enough memory: .+ given \d+ MB/m)
  for (const remedy of ['--memory-limit', '--batch-size', '--workers 1', '--year']) expect(stderr).toContain(remedy)
  expect(report?.failures).toHaveLength(1)
  expect(report?.failures[0]).toMatchObject({ dataset: 'da_energy_hourly', partitions: ['2024-01'], exit_code: 71 })
  expect(report?.stopped.map(({ attempt, outcome }) => ({ attempt, outcome }))).toEqual([
    { attempt: 1, outcome: 'failed' },
    { attempt: 2, outcome: 'failed' },
  ])
  const record = JSON.parse(readFileSync(join(outputOf(folder), 'stopped/pjm/da_energy_hourly/2024-01.json'), 'utf8'))
  expect(record).toMatchObject({ iso: 'PJM', partitions: ['2024-01'], attempt: 2 })
  expect(record.limit_mb).toBeGreaterThan(0)
  expect(digest(parquetDigests(outputOf(folder)), JANUARY)).toBe(digest(old, JANUARY))
}

beforeAll(ensureBuilt)

test('one key in twelve million rows', async () => {
  const it = await prepared('key')
  archives.oneKey(it.folder, 12_000_000)
  const run = await attacked('one key', it)
  if (run.status !== 0) failedForMemory(run, it)
  othersWereConverted(it)
})

test('ten million locations', async () => {
  const it = await prepared('locations')
  hostile.manyLocations(it.folder, 10_000_000)
  const run = await attacked('ten million locations', it)
  failedForMemory(run, it)
  othersWereConverted(it)
})

test('a line of 500 MB', async () => {
  const it = await prepared('line')
  hostile.longLine(it.folder, 500e6)
  const run = await attacked('a line of 500 MB', it)
  expect(run.status, run.stderr).toBe(65)
  expect(run.report?.problems.map(each => each.file)).toEqual(['pjm/da_hrl_lmps.csv'])
  othersWereConverted(it)
})

describe('300 MB of zeros in a zip of 300 KB', () => {
  test.each([
    ['and nothing else', hostile.zeros],
    ['behind a good row', hostile.zerosBehindRows],
  ])('%s', async (name, make) => {
    const it = await prepared(`zeros ${name}`)
    make(it.folder, 300 * 2 ** 20)
    const run = await attacked(`zeros ${name}`, it)
    expect(run.status, run.stderr).toBe(65)
    expect(new Set(run.report?.problems.map(each => each.file))).toEqual(
      new Set(['nyiso/20240101damlbmp_zone_csv.zip > 20240101damlbmp_zone.csv']),
    )
    othersWereConverted(it)
  })
})

describe('a zip of small members', () => {
  const attack = async (members: number) => {
    const it = await prepared(`members ${members}`)
    const rows = hostile.manyMembers(it.folder, members)
    const run = await attacked(`${members} members`, it)
    expect(run.status, run.stderr).toBe(0)
    expect(run.report?.datasets.find(each => each.iso === 'SPP')?.rows).toBe(rows)
    othersWereConverted(it)
  }

  test('20,000', () => attack(20_000))

  test('100,000, the intervals of a year', () => attack(100_000))
})

test('twenty thousand files of junk', async () => {
  const it = await prepared('junk')
  hostile.junk(it.folder, 20_000)
  const run = await attacked('junk', it)
  expect(run.status, run.stderr).toBe(0)
  expect(run.report?.unknown).toHaveLength(20_000)
  othersWereConverted(it)
})
