/** The proofs of bounded memory that take seconds; the others stand in test/memory. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { UnitSource } from '../src/model/unit.js'
import { listMembers, type Member } from '../src/read/members.js'
import { ReadAhead } from '../src/run/ahead.js'
import { ensureBuilt, put, scratchFolder } from './helpers/run.js'
import { makeZip } from './helpers/zip.js'
import { archives, batches, type Conversion, converted, GiB, type Grade, heldRows } from './memory/measured.js'

const { FILE_ROWS, GRADES, graded } = archives
const LIMIT = 0.3
const scratch = scratchFolder('memory-quick')

describe('grades', () => {
  const runs = new Map<Grade, Conversion>()
  const grades: readonly Grade[] = ['MICRO', 'SMALL', 'MEDIUM']

  beforeAll(async () => {
    await ensureBuilt()
    for (const grade of grades) {
      graded(join(scratch, grade), GRADES[grade])
      runs.set(grade, await converted(join(scratch, grade), { limit: LIMIT }))
    }
  })

  test.each(grades)('%s: every row, in batches of 50 files, within the limit', grade => {
    const { status, stderr, report, wholePeak } = runs.get(grade) as Conversion
    expect(status, stderr).toBe(0)
    expect(report?.datasets.map(each => each.rows)).toEqual([GRADES[grade] * FILE_ROWS])
    expect(batches(stderr)).toHaveLength(GRADES[grade] / 50)
    expect(wholePeak).toBeLessThanOrEqual(LIMIT * GiB)
  })

  test('ten batches need no more above one than a unit may hold', () => {
    const peak = (grade: Grade) => (runs.get(grade) as Conversion).childPeak
    expect(peak('MEDIUM') - peak('MICRO')).toBeLessThanOrEqual(2 * heldRows(LIMIT))
  })
})

describe('members that are read ahead', () => {
  const SIZE = 1000

  async function sources(sizes: readonly number[]): Promise<UnitSource[]> {
    const files = sizes.map((size, at) => ({ name: `${at}.csv`, data: Buffer.alloc(size, 65 + at) }))
    const folder = put(join(scratch, 'zips'), { 'ahead.zip': makeZip(files) })
    const { members } = await listMembers(join(folder, 'ahead.zip'))
    return members.map((member, at) => ({ ...SOURCE, key: String(at), member, size: member.size }))
  }

  /** Bytes in flight, the one that is asked for included, at each step. */
  async function inFlight(list: readonly UnitSource[], files: number, bytes: number): Promise<number[]> {
    const ahead = new ReadAhead(list, files, bytes)
    const seen: number[] = []
    for (const [at, { member }] of list.entries()) {
      const taken = ahead.take(at)
      seen.push(ahead.bytesInFlight)
      const { chunks = [] } = await taken
      expect(Buffer.concat(chunks)).toEqual(Buffer.alloc((member as Member).size, 65 + at))
    }
    expect(ahead.bytesInFlight).toBe(0)
    return seen
  }

  test('are as many as --max-in-flight says', async () => {
    const list = await sources(Array(6).fill(SIZE))
    expect(await inFlight(list, 1, 1e6)).toEqual([1, 1, 1, 1, 1, 1].map(files => files * SIZE))
    expect(await inFlight(list, 4, 1e6)).toEqual([4, 4, 4, 3, 2, 1].map(files => files * SIZE))
  })

  test('are no more bytes than the unit has for them, but always one', async () => {
    const list = await sources([SIZE, SIZE, 5 * SIZE, SIZE, SIZE, SIZE])
    const seen = await inFlight(list, 4, 2 * SIZE)
    expect(seen).toEqual([2, 1, 5, 2, 2, 1].map(files => files * SIZE))
  })
})

const SOURCE: UnitSource = {
  key: '',
  member: undefined,
  display: '',
  report: '',
  named: true,
  size: 0,
  mtime: 0,
  groups: {},
  memberTime: 0,
  document: '',
  first: 0,
  leaves: [],
  home: '2024-01',
}
