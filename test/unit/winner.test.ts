/** The winner rule of SCHEMA.md section 2: each fact decides before the next, and none of them is an accident of the input. */
import { describe, expect, test } from 'vitest'
import { type Document, FAILED, judge, LOSER, NORMAL } from '../../src/merge/winner.js'
import type { Report } from '../../src/model/report.js'
import type { Origin } from '../../src/shape/context.js'

interface Facts extends Partial<Document> {
  priority?: number
  revision?: number
  current?: boolean
}

function judged(all: readonly Facts[]) {
  const origins = all.map(
    ({ priority = 0, revision = 1, current = true }, source): Origin => ({
      source,
      report: { id: 'r' } as Report,
      finality: { priority, revision, final: true },
      current,
    }),
  )
  return judge(origins, origin => ({
    sha256: 'm',
    stamp: 0,
    lastInstant: 0,
    intervals: 0,
    rows: 0,
    whole: '',
    failed: false,
    ...all[origin.source],
  }))
}

describe('the better of two', () => {
  test.each<[string, Facts, Facts]>([
    ['final over preliminary, whatever the revision', { priority: 2, revision: 1 }, { priority: 1, revision: 9 }],
    ['settlement over the current flag', { priority: 2, current: false }, { priority: 1, current: true }],
    ['current over the version', { current: true, revision: 1 }, { current: false, revision: 7 }],
    ['the higher version', { revision: 2 }, { revision: 1, stamp: 99 }],
    ['the later publication', { stamp: 2, sha256: 'a' }, { stamp: 1, sha256: 'z' }],
    ['last of all the content', { sha256: 'b' }, { sha256: 'a' }],
    [
      'whole days: the later last stamp before the publication',
      { whole: 'd', lastInstant: 9 },
      { whole: 'd', lastInstant: 8, stamp: 5 },
    ],
    [
      'whole days of one length: a zip member over a loose file',
      { whole: 'd', lastInstant: 9, stamp: 5 },
      { whole: 'd', lastInstant: 9 },
    ],
  ])('%s', (_, better, worse) => {
    for (const pair of [
      [better, worse],
      [worse, better],
    ] as const) {
      const { rank } = judged(pair)
      const winner = pair.indexOf(better)
      expect(rank[winner]).toBeGreaterThan(rank[1 - winner] as number)
    }
  })

  test('rows, not days: the last instant does not count', () => {
    const { rank, special } = judged([
      { lastInstant: 9, sha256: 'a' },
      { lastInstant: 1, sha256: 'b' },
    ])
    expect(rank[1]).toBeGreaterThan(rank[0] as number)
    expect(special).toBe(false)
  })

  test('equal content is of equal rank', () => {
    const { rank } = judged([{}, {}, { sha256: 'z' }])
    expect(rank[0]).toBe(rank[1])
    expect(rank[2]).toBeGreaterThan(rank[0] as number)
  })
})

describe('days that are won as a whole', () => {
  test('all but the best are losers; another day and another report are not touched', () => {
    const { state, special } = judged([
      { whole: 'zone 1', lastInstant: 5 },
      { whole: 'zone 1', lastInstant: 7 },
      { whole: 'zone 2', lastInstant: 1 },
      { whole: 'gen 1', lastInstant: 2 },
    ])
    expect([...state]).toEqual([LOSER, NORMAL, NORMAL, NORMAL])
    expect(special).toBe(true)
  })

  test('identical copies are both normal: their rows are duplicates', () => {
    expect([...judged([{ whole: 'd' }, { whole: 'd' }]).state]).toEqual([NORMAL, NORMAL])
  })

  test('a document that could not be read to its end never wins', () => {
    const { state } = judged([
      { whole: 'd', lastInstant: 9, failed: true },
      { whole: 'd', lastInstant: 5 },
    ])
    expect([...state]).toEqual([FAILED, NORMAL])
    expect([...judged([{ whole: 'd', failed: true }]).state]).toEqual([FAILED])
  })
})

test('any order of the documents gives the same order of ranks', () => {
  const all: Facts[] = [
    { priority: 1, sha256: 'c' },
    { priority: 2 },
    { current: false },
    { revision: 3 },
    { stamp: 4 },
    { sha256: 'a' },
    { sha256: 'b' },
  ]
  const sorted = (list: readonly Facts[]) => {
    const { rank } = judged(list)
    return [...list.keys()].sort((a, b) => (rank[a] as number) - (rank[b] as number)).map(at => list[at])
  }
  const expected = sorted(all)
  for (let turn = 1; turn < all.length; turn++)
    expect(sorted([...all.slice(turn), ...all.slice(0, turn)])).toEqual(expected)
  expect(sorted([...all].reverse())).toEqual(expected)
})
