/** Properties of numbers and clocks, for any text and for every hour of 36 years. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { Clock, DAY, HOUR, parseDay, parseStamp } from '../src/shape/clock.js'
import { decimal, EMPTY, INVALID, roundTo, status } from '../src/shape/decimal.js'
import { nyisoStamp, pjmStamp } from './helpers/run.js'

const parsed = (text: string): number => decimal(Buffer.from(text), 0, Buffer.byteLength(text))
/** Zero has no sign (oracle, decision 4). */
const unsigned = (value: number): number => (value === 0 ? 0 : value)

describe('decimals', () => {
  const digits = (least: number, most: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map(all => all.join(''))

  test('any decimal text gives what Number() gives, bit for bit', () => {
    const text = fc
      .tuple(fc.constantFrom('', '-', '+'), digits(0, 22), fc.constantFrom('', '.'), digits(0, 22))
      .filter(([, whole, , rest]) => whole !== '' || rest !== '')
      .map(([sign, whole, point, rest]) => `${sign}${whole}${point}${point ? rest : ''}`)
      .filter(each => /\d/.test(each))
    fc.assert(
      fc.property(text, each => {
        status.last = INVALID
        expect(Object.is(parsed(each), unsigned(Number(each))), each).toBe(true)
        expect(status.last).toBe(0)
      }),
      { numRuns: 5000 },
    )
  })

  test('any double survives the way through its shortest text, with or without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(Object.is(parsed(String(value)), unsigned(value)), String(value)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test('prices of up to six decimals, blanks around them', () => {
    const price = fc.tuple(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }), fc.integer({ min: 0, max: 6 }))
    const blank = fc.constantFrom('', ' ', '  ', '\t')
    fc.assert(
      fc.property(price, blank, blank, ([mantissa, places], before, after) => {
        const text = (mantissa / 10 ** places).toFixed(places)
        expect(Object.is(parsed(before + text + after), unsigned(Number(text)))).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['1,234.50', 1234.5],
    ['"1,234.50"', 1234.5],
    ['$12.34', 12.34],
    ['($12.34)', -12.34],
    ['(1,000)', -1000],
    ['-.25', -0.25],
    ['.2', 0.2],
    ['5.', 5],
    ['1e3', 1000],
    ['-0.00', 0],
    ['-0', 0],
    ['(0)', 0],
    ['0007.50', 7.5],
    ['9007199254740993', 9007199254740992],
  ])('%s is %d', (text, value) => {
    expect(Object.is(parsed(text), value)).toBe(true)
    expect(status.last).toBe(0)
  })

  test.each(['', ' ', 'NaN', 'nan', 'NA', 'N/A', '#N/A', '<NA>', 'null', 'NULL', 'None', '-', '--', '---', '"--"'])(
    '%s says that there is no number',
    text => {
      expect(parsed(text)).toBeNaN()
      expect(status.last).toBe(EMPTY)
    },
  )

  test.each(
    // biome-ignore format: a list
    ['12abc', '1e400', '-1e999', '----', '+', '.', '-.', 'Infinity', '-Infinity', '0x1F', '1.2.3', '1 2', '1,23', '1-', '()', '(-)', 'n/ab', 'nul', '1e', '٣', '$', '1_000', '1,2345.6'],
  )('%s is no number', text => {
    expect(parsed(text)).toBeNaN()
    expect(status.last).toBe(INVALID)
  })

  test.each(['', ' ', '\t ', '\r'])('%j is empty', text => {
    expect(parsed(text)).toBeNaN()
    expect(status.last).toBe(EMPTY)
  })

  test('no text at all makes it throw or give an infinite number, and what it takes is a number to Number() too', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,-+eE$() "xN') }), text => {
        const value = parsed(text)
        expect(Number.isFinite(value) || status.last === EMPTY || status.last === INVALID).toBe(true)
        if (!Number.isNaN(value)) expect(text).toMatch(/\d/)
        // Only these may be read where Number() refuses: thousands, dollars, brackets, quotes.
        if (!Number.isNaN(value) && !/[,$()"]/.test(text)) expect(Number.isNaN(Number(text))).toBe(false)
      }),
      { numRuns: 5000 },
    )
  })

  test('rounding a sum of decimals gives the decimal itself', () => {
    const cents = fc.integer({ min: -500_000, max: 500_000 })
    fc.assert(
      fc.property(cents, cents, cents, (a, b, c) => {
        const sum = a - b - c
        expect(Object.is(roundTo(a / 100 - b / 100 - c / 100, 2), unsigned(sum / 100))).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})

const FIRST = Date.UTC(2000, 0, 1) / 1000
const LAST = Date.UTC(2036, 0, 1) / 1000

/** What the platform itself says: wall clock in seconds. */
function platform(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  // Five times faster than formatToParts: this is asked more than a million times.
  return instant => {
    const [month, day, year, hour, minute, second] = format.format(instant * 1000).match(/\d+/g) as string[]
    return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000
  }
}

// These tests never wait, and the test runner's messages need a turn now and then.
afterEach(() => new Promise(setImmediate))

describe.each([
  ['America/New_York', 'America/New_York'],
  ['America/Chicago', 'America/Chicago'],
  ['America/Los_Angeles', 'America/Los_Angeles'],
  ['UTC-5', 'Etc/GMT+5'],
])('clock %s, every hour of 2000 to 2035', (zone, known) => {
  const clock = new Clock(zone)
  const wallOf = platform(known)

  test('local and UTC are a bijection on the hours that exist, and as the platform says', () => {
    const seen = new Map<number, number>()
    let before = Number.NEGATIVE_INFINITY
    const wrong: string[] = []
    for (let instant = FIRST; instant < LAST; instant += HOUR) {
      const wall = instant + clock.offsetMinutesAt(instant) * 60
      if (wall !== wallOf(instant)) wrong.push(`${instant}: ${wall}`)
      // There and back: exactly one of the instants that show this wall clock is this one.
      const instants = clock.instants(wall)
      if (instants.filter(each => each === instant).length !== 1) wrong.push(`${instant} is not among ${instants}`)
      if ([...instants].sort((a, b) => a - b).join() !== instants.join()) wrong.push(`${instant}: order`)
      seen.set(wall, (seen.get(wall) ?? 0) + 1)
      // A skipped wall clock shows at no instant.
      for (let skipped = before + HOUR; Number.isFinite(before) && skipped < wall; skipped += HOUR)
        if (clock.instants(skipped).length !== 0) wrong.push(`${skipped} exists`)
      before = wall
      const day = clock.dayAt(instant)
      if (instant < day.start || instant >= day.end) wrong.push(`${instant} outside its day`)
      if (day.day !== Math.floor(wall / DAY)) wrong.push(`${instant}: day ${day.day}`)
    }
    for (const [wall, times] of seen)
      if (clock.instants(wall).length !== times && wall >= FIRST && wall < LAST - DAY)
        wrong.push(`${wall} shows ${times} times`)
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test('days meet, and have 23, 24 or 25 hours', () => {
    const lengths = new Map<number, number>()
    for (let day = FIRST / DAY; day < LAST / DAY; day++) {
      const local = clock.day(day)
      expect(local.end).toBe(clock.day(day + 1).start)
      expect(local.hours).toHaveLength((local.end - local.start) / HOUR)
      lengths.set(local.hours.length, (lengths.get(local.hours.length) ?? 0) + 1)
      const ending = local.hours.map(each => each.ending)
      expect(new Set(ending).size).toBe(ending.length - local.hours.filter(each => each.repeated).length)
    }
    const days = (LAST - FIRST) / DAY
    expect([23, 24, 25].map(hours => lengths.get(hours) ?? 0)).toEqual(
      zone === 'UTC-5' ? [0, days, 0] : [36, days - 72, 36],
    )
  })

  test('minutes off the hour go the same way', () => {
    fc.assert(
      fc.property(fc.integer({ min: FIRST, max: LAST - 1 }), instant => {
        const wall = instant + clock.offsetMinutesAt(instant) * 60
        expect(wall).toBe(wallOf(instant))
        expect(clock.instants(wall)).toContain(instant)
      }),
      { numRuns: 500 },
    )
  })
})

describe('stamps', () => {
  const instant = fc.integer({ min: FIRST, max: LAST - 1 })
  const two = (value: number) => String(value).padStart(2, '0')

  test('every form that is printed reads back', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -12 * 4, max: 14 * 4 }), (wall, quarters) => {
        const iso = new Date(wall * 1000).toISOString().slice(0, 19)
        const minute = wall - (wall % 60)
        const offset = quarters * 15
        const sign = offset < 0 ? '-' : '+'
        const printed = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
        expect(parseStamp(pjmStamp(wall * 1000))).toEqual({ wall, offset: null })
        expect(parseStamp(nyisoStamp(wall * 1000, true))).toEqual({ wall, offset: null })
        expect(parseStamp(nyisoStamp(wall * 1000))).toEqual({ wall: minute, offset: null })
        expect(parseStamp(iso)).toEqual({ wall, offset: null })
        expect(parseStamp(`${iso.replace('T', ' ')}.123`)).toEqual({ wall, offset: null })
        expect(parseStamp(`${iso}Z`)).toEqual({ wall, offset: 0 })
        const back = parseStamp(`${iso}${printed}`)
        expect(back?.wall).toBe(wall)
        expect(back?.offset).toBe(offset)
        expect(parseStamp(`${iso}${printed.replace(':', '')}`)?.offset).toBe(offset)
      }),
      { numRuns: 2000 },
    )
  })

  test('no other text is a stamp, and none makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789/-: APMTZ.+') }), text => {
        const stamp = parseStamp(text)
        if (stamp) {
          expect(Number.isInteger(stamp.wall)).toBe(true)
          expect(text).toMatch(/^\s*\d/)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    '2/30/2024 1:00:00 AM',
    '13/1/2024',
    '2024-02-30',
    '1/1/2024 13:00 PM',
    '1/1/2024 0:30 AM',
    '1/1/2024 25:00',
    '1/1/2024 24:01',
    '1/1/2024 1:60',
    '2023-02-29 00:00',
    'Closing text',
    '',
    '45123',
  ])('%j is none', text => expect(parseStamp(text)).toBeNull())

  test('dates', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), day => {
        const iso = new Date(day * DAY * 1000).toISOString().slice(0, 10)
        const [year, month, date] = iso.split('-').map(Number) as [number, number, number]
        for (const text of [
          iso,
          iso.replaceAll('-', ''),
          `${month}/${date}/${year}`,
          `${two(month)}/${two(date)}/${year}`,
        ])
          expect(parseDay(text)).toBe(day)
      }),
    )
  })
})
