/**
 * Memory does not grow with the input: the grades MICRO, SMALL, MEDIUM and LARGE (1, 3, 10 and 100 batches) under one budget, small
 * enough that MEDIUM's rows already exceed what a unit holds. What growth is, scripts/memory/verdict.mjs says; a worker that does keep
 * its batches must fail the same comparison.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { command, ensureBuilt, misoDay, put, ROOT, scratchFolder } from '../helpers/run.js'
import { makeZip } from '../helpers/zip.js'
import {
  archives,
  batches,
  type Conversion,
  converted,
  GiB,
  type Grade,
  heldRows,
  preloaded,
  tell,
  type Verdict,
  verdicts,
} from './measured.js'

const { FILE_ROWS, GRADES, graded } = archives
const LIMIT = 0.3
const { compare, inWords, judge, ROW_BYTES } = verdicts
const FILES_PER_BATCH = 50

const NYISO_HEADER =
  'Time Stamp,Name,PTID,LBMP ($/MWHr),Marginal Cost Losses ($/MWHr),Marginal Cost Congestion ($/MWHr)\r\n'

const scratch = scratchFolder('scale')
const at = (name: string) => join(scratch, name)
const runs = new Map<string, Conversion>()
const run = (name: string): Conversion => runs.get(name) as Conversion
/** The rows of MEDIUM and of LARGE in 500 files each. */
const SAME_FILES = 'LARGE in 500 files'
const MEDIUM = { name: 'MEDIUM', files: GRADES.MEDIUM, rows: GRADES.MEDIUM * FILE_ROWS }
const LARGE = { name: 'LARGE', files: GRADES.LARGE, rows: GRADES.LARGE * FILE_ROWS }

/** What the first conversions needed, and where that does not convince, further ones. */
async function compared(large: typeof LARGE): Promise<Verdict> {
  const first = new Map([MEDIUM, large].map(({ name }) => [name, run(name)]))
  const verdict = await compare(MEDIUM, large, async ({ name }) => {
    const known = first.get(name)
    first.delete(name)
    const again = known ?? (await converted(at(name), { limit: LIMIT, more: ['--force'] }))
    if (!known) tell(`${name}, once more`, again)
    return again.childPeak
  })
  console.log(`${large.name} against MEDIUM: ${inWords(verdict)}`)
  return verdict
}

beforeAll(async () => {
  await ensureBuilt()
  for (const [grade, files] of Object.entries(GRADES)) graded(at(grade), files)
  graded(at(SAME_FILES), GRADES.LARGE, GRADES.LARGE / GRADES.MEDIUM)
  for (const name of [...Object.keys(GRADES), SAME_FILES]) {
    runs.set(name, await converted(at(name), { limit: LIMIT }))
    tell(name, run(name))
  }
})

test('MEDIUM already has more rows than a unit holds', () => {
  expect(GRADES.MEDIUM * FILE_ROWS * ROW_BYTES).toBeGreaterThan(heldRows(LIMIT))
})

describe.each(Object.keys(GRADES) as Grade[])('%s', grade => {
  test('every row, in batches of 50 files', () => {
    const { status, stderr, report } = run(grade)
    expect(status, stderr).toBe(0)
    expect(report?.datasets.map(each => each.rows)).toEqual([GRADES[grade] * FILE_ROWS])
    const of = GRADES[grade]
    const wanted = Array.from({ length: of / FILES_PER_BATCH }, (_, number) => {
      const from = number * FILES_PER_BATCH
      return `Processing PJM batch ${number + 1}: files ${from + 1}-${from + FILES_PER_BATCH} of ${of}`
    })
    expect(batches(stderr)).toEqual(wanted)
  })

  test('all processes together stay within the limit', () => {
    expect(run(grade).wholePeak).toBeLessThanOrEqual(LIMIT * GiB)
  })
})

test('ten times the rows in as many files need the same memory', async () => {
  expect(run(SAME_FILES).status, run(SAME_FILES).stderr).toBe(0)
  expect(run(SAME_FILES).report?.datasets.map(each => each.rows)).toEqual([LARGE.rows])
  expect(await compared({ name: SAME_FILES, files: MEDIUM.files, rows: LARGE.rows })).toMatchObject({ holds: true })
})

test('LARGE needs the same memory as MEDIUM, but for its list of files', async () => {
  expect(await compared(LARGE)).toMatchObject({ holds: true })
})

test('the comparison notices a worker that keeps a part of each batch', async () => {
  const stub = at('hoards.mjs')
  const spill = pathToFileURL(join(ROOT, 'dist/src/merge/spill.js')).href
  // About a quarter of each run's bytes: one price and the start.
  writeFileSync(
    stub,
    `if (process.argv[1]?.endsWith('worker.js')) {
  const { SpilledRun } = await import('${spill}')
  const { write } = SpilledRun
  const kept = []
  SpilledRun.write = (table, ...rest) => {
    kept.push(table.values[0].slice(0, table.rows), table.start.slice(0, table.rows))
    return write.call(SpilledRun, table, ...rest)
  }
}
`,
  )
  const peaks: number[][] = []
  for (const { name } of [MEDIUM, LARGE]) {
    const result = await converted(at(name), { limit: LIMIT, more: ['--force'], env: preloaded(stub) })
    tell(`${name}, control`, result)
    // What it keeps of LARGE may reach the limit before the end: then the peak is less than what it wanted.
    expect(name === 'LARGE' ? [0, 71] : [0], result.stderr).toContain(result.status)
    peaks.push([result.childPeak])
  }
  const [medium = [], large = []] = peaks
  const { growth, allowed, ...verdict } = judge({ ...MEDIUM, peaks: medium }, { ...LARGE, peaks: large })
  expect(verdict).toMatchObject({ holds: false })
  // Not by a hair.
  expect(growth).toBeGreaterThan(1.15 * allowed)
})

describe('options that bound a unit', () => {
  test('--batch-size', async () => {
    const { status, stderr } = await converted(at('MICRO'), { limit: LIMIT, more: ['--force', '--batch-size', '20'] })
    expect(status, stderr).toBe(0)
    expect(batches(stderr).map(line => line.replace(/.*: /, ''))).toEqual([
      'files 1-20 of 50',
      'files 21-40 of 50',
      'files 41-50 of 50',
    ])
  })

  test('--max-in-flight', async () => {
    const stub = at('counts.mjs')
    const ahead = pathToFileURL(join(ROOT, 'dist/src/run/ahead.js')).href
    writeFileSync(
      stub,
      `import { writeFileSync } from 'node:fs'
if (process.argv[1]?.endsWith('worker.js')) {
  const { ReadAhead } = await import('${ahead}')
  const { take } = ReadAhead.prototype
  let most = 0
  ReadAhead.prototype.take = function (at) {
    const taken = take.call(this, at)
    most = Math.max(most, this.bytesInFlight)
    writeFileSync(process.env.COUNTED, String(most))
    return taken
  }
}
`,
    )
    // All of one size, so that bytes in flight tell how many there are.
    const members = Array.from({ length: 20 }, (_, index) => {
      const day = String(index + 1).padStart(2, '0')
      const rows = Array.from(
        { length: 24 },
        (_, hour) => `01/${day}/2024 ${String(hour).padStart(2, '0')}:00,CAPITL,61757,30.00,1.00,0.00\r\n`,
      )
      return { name: `202401${day}damlbmp_zone.csv`, data: NYISO_HEADER + rows.join('') }
    })
    const size = members[0]?.data.length ?? 0
    put(at('flight'), { 'nyiso/20240101damlbmp_zone_csv.zip': makeZip(members) })
    for (const most of [1, 3]) {
      const counted = at('counted')
      const more = ['--force', '--max-in-flight', String(most)]
      const env = { ...preloaded(stub), COUNTED: counted }
      const { status, stderr } = await converted(at('flight'), { isos: ['nyiso'], limit: LIMIT, more, env })
      expect(status, stderr).toBe(0)
      expect(Number(readFileSync(counted, 'utf8'))).toBe(most * size)
    }
  })

  test('--target-memory', async () => {
    // A machine of 1 GB, as its kernel would tell, and two units of work.
    put(at('proc'), { meminfo: 'MemTotal:  1048576 kB\nMemAvailable:  1048576 kB\n' })
    put(at('months'), {
      'miso/20240110_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-01-10'),
      'miso/20240210_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-02-10'),
    })
    const planned = async (percent: string) => {
      const where = ['--input', at('months'), '--output', at('months/data'), '--force']
      const { code, stderr } = await command(['miso', ...where, '--target-memory', percent], {
        env: { ISO_CONVERTER_PROC_ROOT: at('proc') },
      })
      expect(code, stderr).toBe(0)
      expect(stderr).toContain(`(${percent} % of the machine)`)
      return /^(\d+) workers? \(.*budget ([\d.]+GB)/m.exec(stderr)?.slice(1)
    }
    expect(await planned('75')).toEqual([String(Math.min(2, cpus().length)), '0.75GB'])
    expect(await planned('40')).toEqual(['1', '0.4GB'])
  })
})
