/** Time rules, each as a table: what is printed, and the UTC start that it means. */
import { describe, expect, test } from 'vitest'
import { column, maybe } from '../../src/model/cells.js'
import type { FileContext, TimeRule } from '../../src/model/report.js'
import { Clock, parseDay } from '../../src/shape/clock.js'
import {
  fixedHours,
  fixedOffset,
  hourEndingFlag,
  hourEndingLabel,
  localByOrder,
  utcColumn,
} from '../../src/shape/time.js'

const file: FileContext = { name: '', path: '', groups: {}, preamble: [], memberTime: 0 }
const eastern = new Clock('America/New_York')
const central = new Clock('America/Chicago')

const text = (seconds: number | undefined) =>
  seconds === undefined || Number.isNaN(seconds)
    ? undefined
    : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
const start = (rule: TimeRule, ...texts: string[]) => text(rule.resolve(texts, file).start)
const both = (rule: TimeRule, ...texts: string[]) => {
  const { start, second } = rule.resolve(texts, file)
  return [text(start), text(second)]
}
const error = (rule: TimeRule, ...texts: string[]) => {
  const resolved = rule.resolve(texts, file)
  expect(resolved.start).toBeNaN()
  return resolved.error
}

describe('utcColumn', () => {
  const rule = utcColumn({ column: column('t'), minutes: 60 })
  test.each([
    ['3/9/2025 7:00:00 AM', '2025-03-09T07:00:00Z'],
    ['11/2/2025 6:00:00 AM', '2025-11-02T06:00:00Z'],
    ['1/1/2024 12:00:00 AM', '2024-01-01T00:00:00Z'],
    ['1/1/2024 12:00:00 PM', '2024-01-01T12:00:00Z'],
    ['2024-01-01T05:00:00', '2024-01-01T05:00:00Z'],
    ['2024-01-01T00:00:00-05:00', '2024-01-01T05:00:00Z'],
    ['2024-01-01 05:00:00.123', '2024-01-01T05:00:00Z'],
    ['9/22/23 0:00', '2023-09-22T00:00:00Z'],
    ['1/1/2024 24:00', '2024-01-02T00:00:00Z'],
  ])('%s', (printed, expected) => expect(start(rule, printed)).toBe(expected))

  test('an end is taken back, a crooked second is floored', () => {
    expect(start(utcColumn({ column: column('t'), minutes: 5, edge: 'end' }), '2024-01-01T00:05:00Z')).toBe(
      '2024-01-01T00:00:00Z',
    )
    expect(start(utcColumn({ column: column('t'), minutes: 5, floorMinutes: 5 }), '7/8/2026 3:50:01 AM')).toBe(
      '2026-07-08T03:50:00Z',
    )
  })

  test('nonsense says what was found', () => expect(error(rule, 'Closing text')).toContain('"Closing text"'))
})

describe('localByOrder', () => {
  const rule = localByOrder({ clock: eastern, column: column('t'), minutes: 60 })
  const zoned = localByOrder({ clock: eastern, column: column('t'), minutes: 60, zoneColumn: maybe('z') })
  const ends = localByOrder({ clock: eastern, column: column('t'), minutes: 5, edge: 'end' })

  test.each([
    ['01/15/2024 00:00', ['2024-01-15T05:00:00Z', undefined]],
    ['07/15/2024 00:00', ['2024-07-15T04:00:00Z', undefined]],
    ['11/03/2024 01:00', ['2024-11-03T05:00:00Z', '2024-11-03T06:00:00Z']],
    ['11/03/2024 01:55', ['2024-11-03T05:55:00Z', '2024-11-03T06:55:00Z']],
    ['11/03/2024 02:00', ['2024-11-03T07:00:00Z', undefined]],
    ['11/03/2024 00:59:59', ['2024-11-03T04:59:59Z', undefined]],
    ['03/10/2024 03:00', ['2024-03-10T07:00:00Z', undefined]],
    // A printed offset always counts.
    ['2024-11-03 01:00:00-05:00', ['2024-11-03T06:00:00Z', undefined]],
  ])('%s', (printed, expected) => expect(both(rule, printed)).toEqual(expected))

  test('the skipped hour does not exist', () => expect(error(rule, '03/10/2024 02:30')).toMatch(/does not exist/))

  test.each([
    ['EDT', '2024-11-03T05:30:00Z'],
    ['EST', '2024-11-03T06:30:00Z'],
    ['est', '2024-11-03T06:30:00Z'],
  ])('a column that says %s settles the repeated hour', (zone, expected) => {
    expect(both(zoned, '11/03/2024 01:30:00', zone)).toEqual([expected, undefined])
  })

  test('and an empty one leaves it to the order', () =>
    expect(both(zoned, '11/03/2024 01:30:00', '')).toEqual(['2024-11-03T05:30:00Z', '2024-11-03T06:30:00Z']))

  test('ends', () => expect(both(ends, '11/03/2024 01:05')).toEqual(['2024-11-03T05:00:00Z', '2024-11-03T06:00:00Z']))
})

describe('fixedOffset and fixedHours', () => {
  test.each([
    ['07/01/2024 00:05', '2024-07-01T05:05:00Z'],
    ['2025-12-03T00:00:00', '2025-12-03T05:00:00Z'],
    ['03/10/2024 02:30', '2024-03-10T07:30:00Z'],
  ])('EST all year: %s', (printed, expected) =>
    expect(start(fixedOffset({ column: column('t'), minutes: 5, offsetMinutes: -300 }), printed)).toBe(expected),
  )

  test.each([
    ['2024-03-10', '3', '2024-03-10T07:00:00Z'],
    ['2024-11-03', '24', '2024-11-04T04:00:00Z'],
    ['2023-01-01', '1', '2023-01-01T05:00:00Z'],
    ['2023-01-01', '25', undefined],
    ['2023-01-01', '0', undefined],
    ['2023-01-01', 'x', undefined],
  ])('MISO %s HE %s', (date, label, expected) =>
    expect(text(fixedHours(-300).hourStart?.(parseDay(date), label))).toBe(expected),
  )
})

describe('hourEndingFlag', () => {
  const hours = hourEndingFlag({
    clock: central,
    date: column('d'),
    hour: column('h'),
    flag: column('f'),
    minutes: 60,
  })
  const quarters = hourEndingFlag({
    clock: central,
    date: column('d'),
    hour: column('h'),
    flag: column('f'),
    interval: column('i'),
    minutes: 15,
  })
  test.each([
    [['01/15/2024', '01:00', 'N'], '2024-01-15T06:00:00Z'],
    [['01/15/2024', '24:00', 'N'], '2024-01-16T05:00:00Z'],
    [['11/03/2024', '02:00', 'N'], '2024-11-03T06:00:00Z'],
    [['11/03/2024', '02:00', 'Y'], '2024-11-03T07:00:00Z'],
    [['11/03/2024', '2', 'true'], '2024-11-03T07:00:00Z'],
    [['11/03/2024', '03:00', 'N'], '2024-11-03T08:00:00Z'],
    [['03/10/2024', '04:00', 'N'], '2024-03-10T08:00:00Z'],
  ])('%j', (texts, expected) => expect(start(hours, ...texts)).toBe(expected))

  test.each([
    [['03/10/2024', '03:00', 'N'], /does not exist/],
    [['01/15/2024', '02:00', 'Y'], /marked as repeated/],
    [['01/15/2024', '25:00', 'N'], /no hour ending/],
    [['01/15/2024', '0', 'N'], /no hour ending/],
    [['soon', '1', 'N'], /no date/],
  ])('%j is refused', (texts, message) => expect(error(hours, ...texts)).toMatch(message))

  test.each([
    [['11/03/2024', '2', 'N', '1'], '2024-11-03T06:00:00Z'],
    [['11/03/2024', '2', 'N', '4'], '2024-11-03T06:45:00Z'],
    [['11/03/2024', '2', 'Y', '4'], '2024-11-03T07:45:00Z'],
  ])('quarters %j', (texts, expected) => expect(start(quarters, ...texts)).toBe(expected))
  test.each(['0', '5', '', '1.5'])('no quarter %j', interval =>
    expect(error(quarters, '11/03/2024', '2', 'N', interval)).toMatch(/interval/),
  )
})

describe('hourEndingLabel', () => {
  const rule = hourEndingLabel({ clock: eastern, date: column('d'), hour: column('h'), minutes: 60 })
  test.each([
    ['11/03/2024', '02', '2024-11-03T05:00:00Z'],
    ['11/03/2024', '02X', '2024-11-03T06:00:00Z'],
    ['11/03/2024', '03', '2024-11-03T07:00:00Z'],
    ['11/03/2024', '01', '2024-11-03T04:00:00Z'],
    ['11/03/2024', '24', '2024-11-04T04:00:00Z'],
    ['03/10/2024', '02', '2024-03-10T06:00:00Z'],
    ['03/10/2024', '04', '2024-03-10T07:00:00Z'],
    ['01/15/2024', '0200', '2024-01-15T06:00:00Z'],
    ['11/03/2024', '0200[DST]', '2024-11-03T06:00:00Z'],
  ])('%s %s', (date, label, expected) => expect(start(rule, date, label)).toBe(expected))
  test.each([
    ['01/15/2024', '02X'],
    ['01/15/2024', '25'],
    ['01/15/2024', ''],
    ['', '01'],
  ])('%j %j is refused', (date, label) => expect(error(rule, date, label)).toBeTruthy())
})
