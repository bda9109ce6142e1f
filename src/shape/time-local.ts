/** Time rules of markets that print their own clock and nothing else: flags, labels, bare times of day. Conventions as in time.ts. */
import type { FileContext, Resolved, TimeRule, Wanted } from '../model/report.js'
import { type Clock, DAY, dateText, dayNumber, HOUR, parseDay, parseStamp } from './clock.js'
import { hourEndingLabel, isSet, label } from './time.js'

const bad = (error: string): Resolved => ({ start: Number.NaN, error })

/**
 * A local start stamp, with a flag for the second passage of the repeated hour (ERCOT's SCED runs). `untilNext`: runs off the
 * grid, each of which lasts until the next.
 */
export function localStampFlag(options: {
  readonly clock: Clock
  readonly column: Wanted
  readonly flag: Wanted
  readonly untilNext?: boolean
}): TimeRule {
  return {
    wanted: [options.column, options.flag],
    ...(options.untilNext ? { untilNext: true } : {}),
    resolve: ([text = '', flag = '']) => {
      const stamp = parseStamp(text)
      if (!stamp) return bad(`no date and time in "${text}"`)
      if (stamp.offset !== null) return { start: stamp.wall - stamp.offset * 60 }
      const repeated = isSet(flag)
      const [one, two] = options.clock.instants(stamp.wall)
      if (one === undefined) return bad(`${text} does not exist on the market's clock`)
      if (repeated && two === undefined) return bad(`${text} is marked as repeated and is not`)
      return { start: repeated ? (two as number) : one }
    },
  }
}

/**
 * hourEndingLabel for a market that prints the short day in two ways: the skipped hour's label is absent, or it stands for the
 * hour before it, whose own label is absent then (ISO-NE, isone.md 2). A file that has both labels has no such hour: the rows
 * of an hour come before those of the next, so the first label that comes tells which way the file prints.
 */
export function hourEndingEitherWay(options: {
  readonly clock: Clock
  readonly minutes: number
  readonly date: Wanted
  readonly hour: Wanted
}): TimeRule {
  const plain = hourEndingLabel(options)
  const seen = new WeakMap<FileContext, Set<number>>()
  return {
    ...plain,
    perFile: true,
    resolve: ([date = '', label = ''], file) => {
      const day = parseDay(date)
      const skipped = Number.isNaN(day) ? 0 : skippedEnding(options.clock, day)
      const ending = Number.parseInt(label, 10)
      if (skipped === 0 || ending > skipped || ending < skipped - 1) return plain.resolve([date, label], file)
      const days = seen.get(file) ?? new Set()
      seen.set(file, days)
      if (ending < skipped) days.add(day)
      return plain.resolve([date, ending === skipped && !days.has(day) ? String(skipped - 1) : label], file)
    },
  }
}

/**
 * Local date and hour-ending label without an X: the repeated hour's label comes twice, and row order tells (ISO-NE's day-ahead
 * reserves, from a public reader). A label with X is read as such.
 */
export function hourEndingByOrder(options: {
  readonly clock: Clock
  readonly date: Wanted
  readonly hour: Wanted
}): TimeRule {
  const plain = hourEndingLabel({ ...options, minutes: 60 })
  return {
    ...plain,
    byOrder: true,
    resolve: ([date = '', printed = ''], file) => {
      const found = plain.resolve([date, printed], file)
      const ending = Number(label(printed))
      if (found.error !== undefined || Number.isNaN(ending)) return found
      const day = parseDay(date)
      const [, again] = options.clock.day(day).hours.filter(hour => hour.ending === ending)
      const wall = day * DAY + ending * HOUR
      return again ? { ...found, second: again.start, wall } : { ...found, wall }
    },
  }
}

/**
 * hourEndingLabel for tables that had 24 rows a day up to some year, whatever the clock did: on a long day the repeated hour's one
 * row may stand for either passage, or for both, and is refused (ISO-NE's SMD tables before 2024, isone.md 7).
 */
export function hourEndingFlatBefore(options: {
  readonly clock: Clock
  readonly year: number
  readonly date: Wanted
  readonly hour: Wanted
}): TimeRule {
  const plain = hourEndingLabel({ ...options, minutes: 60 })
  return {
    ...plain,
    resolve: ([date = '', printed = ''], file) => {
      const day = parseDay(date.replace(/[ T]0?0:00(:00)?$/, ''))
      const found = plain.resolve([Number.isNaN(day) ? date : dateText(day), printed], file)
      if (found.error !== undefined || day >= dayNumber(options.year, 1, 1)) return found
      const twice = options.clock.day(day).hours.filter(hour => hour.ending === Number(label(printed))).length > 1
      return twice ? bad(`hour ending ${printed} of ${date} stands once for two hours`) : found
    },
  }
}

/** The hour-ending label that a short day lacks; 0 on any other day. */
function skippedEnding(clock: Clock, day: number): number {
  const { hours } = clock.day(day)
  return hours.length < 24 ? hours.findIndex((hour, at) => hour.ending !== at + 1) + 1 : 0
}

/**
 * A local time of day whose date stands in a line before the header (groups 1 and, for a range, 2 of `dayLine`) or in the name;
 * or a whole local stamp. Row order decides the repeated hour, unless an X behind the time marks its second passage.
 */
export function localTimeOfDay(options: {
  readonly clock: Clock
  readonly column: Wanted
  readonly dayLine: RegExp
  /** Stamps are sometimes a second or two late. */
  readonly floorMinutes: number
}): TimeRule {
  const { clock, column, dayLine, floorMinutes } = options
  return {
    wanted: [column],
    perFile: true,
    byOrder: true,
    resolve: ([text = ''], file) => {
      const [, printed = '', mark] = /^\s*(.*?\d)\s*(X?)\s*$/i.exec(text) ?? []
      const bare = /^\d{1,2}:\d{2}(:\d{2})?$/.test(printed)
      const day = bare ? dayOfFile(file, dayLine) : 0
      if (Number.isNaN(day))
        return bad(`"${text}" is a time without a date, and neither the file nor its name says one`)
      const stamp = parseStamp(bare ? `1970-01-01 ${printed}` : printed)
      if (!stamp) return bad(`no time in "${text}"`)
      const whole = stamp.wall + day * DAY
      const wall = Math.floor(whole / (floorMinutes * 60)) * floorMinutes * 60
      const [one, two] = clock.instants(wall)
      if (one === undefined) return bad(`${text} does not exist on the market's clock`)
      if (two === undefined) return mark ? bad(`${text} is marked as repeated and is not`) : { start: one, wall }
      return mark ? { start: two } : { start: one, second: two, wall }
    },
  }
}

/** The one day that a line before the header names, else the day in the name; NaN when there is none. */
function dayOfFile(file: FileContext, dayLine: RegExp): number {
  for (const cells of file.preamble)
    for (const cell of cells) {
      const match = dayLine.exec(cell)
      if (match && (match[2] ?? match[1]) === match[1]) return parseDay(match[1] ?? '')
    }
  return parseDay(file.groups.day ?? '')
}
