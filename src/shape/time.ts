/**
 * Time rules: what the time texts of a record mean. Each runs once per distinct text, and none knows a report.
 * The source of each convention is named where it is declared, in the converters and in formats/dst-cases.md.
 */

import { column, maybe } from '../model/cells.js'
import type { FileContext, Resolved, TimeRule, Wanted } from '../model/report.js'
import { type Clock, DAY, HOUR, parseDay, parseStamp } from './clock.js'

const bad = (error: string): Resolved => ({ start: Number.NaN, error })

/** A label that a data frame took for a number: `1.0` is `1`. */
export const label = (text: string): string => text.replace(/^\s*(\d+)\.0*\s*$/, '$1')
/** `true`, `Y` and `1` set a flag. */
export const isSet = (flag: string): boolean => /^\s*(y|yes|true|1)\s*$/i.test(label(flag))

interface Edge {
  /** Nominal length of the interval. */
  readonly minutes: number
  /** Which edge of the interval the stamp names. */
  readonly edge?: 'start' | 'end'
}

/** A column that is UTC, or carries its own offset. A printed offset always counts. */
export function utcColumn(
  options: Edge & {
    readonly column: Wanted
    readonly floorMinutes?: number
    /** Columns beside it that say the same in other words: taken together, they are guessed together. */
    readonly beside?: readonly Wanted[]
  },
): TimeRule {
  const back = options.edge === 'end' ? options.minutes * 60 : 0
  return {
    wanted: [options.column, ...(options.beside ?? [])],
    ...(options.edge === 'end' ? { edge: 'end' } : {}),
    resolve: ([text = '']) => {
      const stamp = parseStamp(text)
      if (!stamp) return bad(`no date and time in "${text}"`)
      const instant = stamp.wall - (stamp.offset ?? 0) * 60 - back
      const floor = (options.floorMinutes ?? 0) * 60
      return { start: floor > 0 ? Math.floor(instant / floor) * floor : instant }
    },
  }
}

/** A local stamp whose repeated hour only row order tells: the first passage until a location's stamps step back. */
export function localByOrder(
  options: Edge & {
    readonly clock: Clock
    readonly column: Wanted
    readonly sincePrevious?: boolean
    /** A column with `EST`/`EDT`, where the vintage has one: it settles the hour, not the order. */
    readonly zoneColumn?: Wanted
  },
): TimeRule {
  const back = options.edge === 'end' && !options.sincePrevious ? options.minutes * 60 : 0
  return {
    wanted: options.zoneColumn ? [options.column, options.zoneColumn] : [options.column],
    byOrder: true,
    ...(options.sincePrevious ? { sincePrevious: true } : {}),
    resolve: ([text = '', zone = '']) => {
      const stamp = parseStamp(text)
      if (!stamp) return bad(`no date and time in "${text}"`)
      if (stamp.offset !== null) return { start: stamp.wall - stamp.offset * 60 - back }
      const [one, two] = options.clock.instants(stamp.wall)
      if (one === undefined) return bad(`${text} does not exist on the market's clock`)
      if (two === undefined) return { start: one - back, wall: stamp.wall }
      if (/^[A-Z]DT$/i.test(zone.trim())) return { start: one - back }
      if (/^[A-Z]ST$/i.test(zone.trim())) return { start: two - back }
      return { start: one - back, second: two - back, wall: stamp.wall }
    },
  }
}

/** A stamp on a clock without daylight saving. */
export function fixedOffset(options: Edge & { readonly column: Wanted; readonly offsetMinutes: number }): TimeRule {
  const back = options.edge === 'end' ? options.minutes * 60 : 0
  return {
    wanted: [options.column],
    resolve: ([text = '']) => {
      const stamp = parseStamp(text)
      if (!stamp) return bad(`no date and time in "${text}"`)
      return { start: stamp.wall - (stamp.offset ?? options.offsetMinutes) * 60 - back }
    },
  }
}

/**
 * Local date and hour ending, with a flag for the second passage of the repeated hour; optionally an interval inside the hour.
 * ERCOT's DSTFlag marks the repeated hour (ercot.md 6.1).
 */
export function hourEndingFlag(
  options: Edge & {
    readonly clock: Clock
    readonly date: Wanted
    readonly hour: Wanted
    readonly interval?: Wanted
    readonly flag: Wanted
  },
): TimeRule {
  return {
    wanted: [options.date, options.hour, options.flag, ...(options.interval ? [options.interval] : [])],
    byOrder: true,
    resolve: ([date = '', hour = '', mark, interval = '1']) => {
      const flag = mark ?? ''
      const day = parseDay(date.replace(/[ T]0?0:00(:00)?$/, ''))
      const ending = Number(/^\s*(\d{1,2})(:00(:00)?)?\s*$/.exec(label(hour))?.[1] ?? Number.NaN)
      const ordinal = Number(interval.trim() || Number.NaN) // `2.0` is 2
      if (Number.isNaN(day)) return bad(`no date in "${date}"`)
      if (!(ending >= 1 && ending <= 24)) return bad(`no hour ending in "${hour}"`)
      if (!(Number.isInteger(ordinal) && ordinal >= 1 && ordinal <= 60 / options.minutes))
        return bad(`no interval of the hour in "${interval}"`)
      const repeated = isSet(flag)
      const hours = options.clock.day(day).hours.filter(each => each.ending === ending)
      if (hours.length === 0) return bad(`hour ending ${hour} does not exist on ${date}`)
      if (repeated && hours.length < 2) return bad(`hour ending ${hour} of ${date} is marked as repeated and is not`)
      const found = hours[repeated ? 1 : 0] as (typeof hours)[number]
      const start = found.start + (ordinal - 1) * options.minutes * 60
      // Without the column the hour may come once: a second one has no place (ercot.md 2).
      if (mark === undefined && hours.length > 1) return { start, wall: start, second: Number.POSITIVE_INFINITY }
      return { start }
    },
  }
}

/**
 * Local date and hour-ending label `01`..`24` with `02X` for the repeated hour. The label of the skipped hour does not exist;
 * `hourEndingEitherWay` (time-local.ts) takes the other convention of the short day too.
 */
export function hourEndingLabel(
  options: Edge & { readonly clock: Clock; readonly date?: Wanted; readonly hour?: Wanted },
): TimeRule {
  const { clock } = options
  const hourStart = (day: number, printed: string): number => labelStart(clock, day, printed)
  return {
    wanted: [options.date ?? maybe(), options.hour ?? maybe()],
    hourStart,
    resolve: ([date = '', printed = '']) => {
      const day = parseDay(date)
      if (Number.isNaN(day)) return bad(`no date in "${date}"`)
      const start = hourStart(day, printed)
      return Number.isNaN(start) ? bad(`hour ending "${printed}" does not exist on ${date}`) : { start }
    },
  }
}

function labelStart(clock: Clock, day: number, printed: string): number {
  const match = /^\s*0?(\d{1,2})(?:00)?\s*([X*]|\[?DST\]?)?\s*$/i.exec(label(printed))
  if (!match) return Number.NaN
  const found = clock.day(day).hours.filter(hour => hour.ending === Number(match[1]))
  return found[match[2] ? 1 : 0]?.start ?? Number.NaN
}

/**
 * Stamps of gridstatus, the library and the hosted service (gridstatus-style.md 3): `interval_start_utc`, else `Interval Start`,
 * else `Time`, else `SCED Timestamp`. A printed offset always counts; a column that says UTC is UTC.
 */
export function exportTime(
  options: Edge & {
    readonly clock: Clock
    /** What `Time` alone names in the oldest files: the start, the end, or five minutes before the hour's end. */
    readonly bare: 'start' | 'end' | 'within'
    /** Local stamps without offset: row order settles the repeated hour, or they are refused. */
    readonly naive: 'order' | 'refuse'
    /** The stamp of the dispatch run beats the interval beside it, and its price holds until the next run. */
    readonly runStamps: boolean
  },
): TimeRule {
  const length = options.minutes * 60
  const shift = {
    start: (at: number) => at,
    end: (at: number) => at - length,
    within: (at: number) => at - (at % length),
  }
  return {
    wanted: [
      maybe('interval_start_utc'),
      maybe('Interval Start'),
      maybe('Time'),
      maybe('SCED Timestamp', 'sced_timestamp_utc'),
      maybe('interval_start_local'),
    ],
    byOrder: true,
    ...(options.runStamps ? { untilNext: true } : {}),
    resolve: ([utcStart, intervalStart, time, sced]) => {
      const run = options.runStamps && sced !== undefined
      const utc = run ? undefined : utcStart
      const start = run ? sced : intervalStart
      const text = utc ?? start ?? time ?? sced ?? ''
      const stamp = parseStamp(text)
      if (!stamp) return bad(`no date and time in "${text}"`)
      const move = utc === undefined && start === undefined && time !== undefined ? shift[options.bare] : shift.start
      if (stamp.offset !== null) return { start: move(stamp.wall - stamp.offset * 60) }
      if (utc !== undefined) return { start: stamp.wall }
      if (options.naive === 'refuse') return bad(`"${text}" has no offset, and its column does not say UTC`)
      const [one, two] = options.clock.instants(stamp.wall)
      if (one === undefined) return bad(`${text} does not exist on the market's clock`)
      if (two === undefined) return { start: move(one), wall: stamp.wall }
      return { start: move(one), second: move(two), wall: stamp.wall }
    },
  }
}

/** Hours across on a clock without daylight saving: `HE n` starts n-1 hours after local midnight (MISO, EST all year). */
export function fixedHours(offsetMinutes: number): TimeRule {
  return {
    wanted: [],
    resolve: (_: readonly string[], __: FileContext) => bad('hours stand across'),
    hourStart: (day, label) => {
      const hour = Number(label)
      return hour >= 1 && hour <= 24 ? day * DAY - offsetMinutes * 60 + (hour - 1) * HOUR : Number.NaN
    },
  }
}

export { column, maybe }
