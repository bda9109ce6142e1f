/** The rule by which memory follows the input or does not, with made-up peaks: noise passes, a worker that keeps rows does not. */
import { describe, expect, test } from 'vitest'
import { MiB, verdicts } from '../memory/measured.js'

const { compare, inWords, judge, ROW_BYTES } = verdicts
const MEDIUM = { files: 500, rows: 500_000, need: 130 * MiB }
const LARGE = { files: 5000, rows: 5_000_000, need: 146 * MiB }
/** Ten times the rows in as many files. */
const SAME = { files: 500, rows: 5_000_000, need: 137 * MiB }
/** Keeps a quarter of each row, as measured. */
const CONTROL = { files: 5000, rows: 5_000_000, need: 200 * MiB }
const NOISE = 0.08

type Grade = typeof MEDIUM
const once = (small: Grade, large: Grade, low: number, high: number) =>
  judge({ ...small, peaks: [small.need * (1 + low)] }, { ...large, peaks: [large.need * (1 + high)] })

/** The same numbers on every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Compares with peaks off by up to 8 %; tells how often it measured. */
async function noisy(small: Grade, large: Grade, seed: number) {
  const next = random(seed)
  return compare(small, large, async ({ need }) => need * (1 + NOISE * (2 * next() - 1)))
}

describe('one peak of each', () => {
  test.each([-NOISE, -0.04, 0, 0.04, NOISE])('passes when MEDIUM is off by %d, whatever LARGE is', low => {
    for (const high of [-NOISE, 0, NOISE]) expect(once(MEDIUM, LARGE, low, high)).toMatchObject({ holds: true })
  })

  test.each([-NOISE, -0.04, 0, 0.04, NOISE])('fails for the control when MEDIUM is off by %d, whatever it is', low => {
    for (const high of [-NOISE, 0, NOISE]) expect(once(MEDIUM, CONTROL, low, high)).toMatchObject({ holds: false })
  })

  test('is far from both without noise', () => {
    const [sound, control] = [once(MEDIUM, LARGE, 0, 0), once(MEDIUM, CONTROL, 0, 0)]
    expect(sound.growth).toBeLessThan(0.5 * sound.allowed)
    expect(control.growth).toBeGreaterThan(1.5 * control.allowed)
  })

  test('a worker that keeps all rows, or half of them, fails', () => {
    for (const share of [1, 0.5]) {
      const keeps = { ...LARGE, need: LARGE.need + share * (LARGE.rows - MEDIUM.rows) * ROW_BYTES }
      expect(once(MEDIUM, keeps, NOISE, -NOISE)).toMatchObject({ holds: false })
    }
  })
})

describe('up to three peaks of each', () => {
  test('noise never fails a sound worker', async () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      expect(await noisy(MEDIUM, LARGE, seed), `seed ${seed}`).toMatchObject({ holds: true })
      expect(await noisy(MEDIUM, SAME, seed), `seed ${seed}`).toMatchObject({ holds: true })
    }
  })

  test('noise never saves the control, which is measured three times', async () => {
    for (let seed = 1; seed <= 20_000; seed++)
      expect(await noisy(MEDIUM, CONTROL, seed), `seed ${seed}`).toMatchObject({ holds: false, tries: 3 })
  })

  test('one late collection is forgiven, and the first pass ends it', async () => {
    const peaks = [130, 190, 131, 147].map(each => each * MiB)
    const verdict = await compare(MEDIUM, LARGE, async () => peaks.shift() as number)
    expect(verdict).toMatchObject({ holds: true, tries: 2, growth: 17 * MiB })
    expect(peaks).toEqual([])
  })
})

test('says what was compared', () => {
  expect(inWords(once(MEDIUM, LARGE, 0, 0))).toBe(
    "4,500,000 rows and 4,500 files more: the worker's peak is 16 MB higher. Keeping the rows would take 189 MB; allowed are 40 MB, which is 3 KB for each file and a seventh of the rows",
  )
  expect(inWords(once(MEDIUM, SAME, 0, 0))).toContain('4,500,000 rows more: ')
})
