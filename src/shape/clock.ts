/**
 * A market's clock as a table. A local day is its list of 23, 24 or 25 hours with their UTC starts; Luxon fills it once per
 * day, everything else looks up. Seconds since 1970 for instants and wall clocks, days since 1970 for dates.
 */
import { DateTime } from 'luxon'

export const HOUR = 3600
export const DAY = 86_400

export interface Hour {
  /** UTC start in seconds. */
  readonly start: number
  /** Hour-ending label of the wall clock, 1..24. */
  readonly ending: number
  /** The second passage of a repeated hour. */
  readonly repeated: boolean
  readonly offsetMinutes: number
}

export interface LocalDay {
  readonly day: number
  readonly start: number
  readonly end: number
  readonly hours: readonly Hour[]
}

export class Clock {
  readonly #days = new Map<number, LocalDay>()
  #last: LocalDay | undefined

  constructor(readonly zone: string) {}

  /** The hours of one local day. */
  day(day: number): LocalDay {
    const known = this.#days.get(day)
    if (known) return known
    const date = new Date(day * DAY * 1000)
    const midnight = DateTime.fromObject(
      { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() },
      { zone: this.zone },
    )
    const start = midnight.toSeconds()
    const end = midnight.plus({ days: 1 }).toSeconds()
    const hours: Hour[] = []
    for (let at = start; at < end; at += HOUR) {
      const local = DateTime.fromSeconds(at, { zone: this.zone })
      const ending = local.hour + 1
      hours.push({ start: at, ending, repeated: hours.at(-1)?.ending === ending, offsetMinutes: local.offset })
    }
    const made = { day, start, end, hours }
    this.#days.set(day, made)
    return made
  }

  /** The local day that an instant falls on. */
  dayAt(instant: number): LocalDay {
    const last = this.#last
    if (last && instant >= last.start && instant < last.end) return last
    let found = this.day(Math.floor(instant / DAY))
    if (instant < found.start) found = this.day(found.day - 1)
    else if (instant >= found.end) found = this.day(found.day + 1)
    this.#last = found
    return found
  }

  offsetMinutesAt(instant: number): number {
    const day = this.dayAt(instant)
    return (day.hours[Math.floor((instant - day.start) / HOUR)] as Hour).offsetMinutes
  }

  /** Instants at which the wall clock shows `wall`: none in the skipped hour, two in the repeated one. */
  instants(wall: number): readonly number[] {
    const number = Math.floor(wall / DAY)
    const within = wall - number * DAY
    const ending = Math.floor(within / HOUR) + 1
    const found: number[] = []
    for (const hour of this.day(number).hours) if (hour.ending === ending) found.push(hour.start + (within % HOUR))
    return found
  }
}

const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days since 1970 of a calendar date; NaN if there is no such date. */
export function dayNumber(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const longest = month === 2 && leap ? 29 : MONTHS[month - 1]
  if (longest === undefined || !(day >= 1 && day <= longest)) return Number.NaN
  return Date.UTC(year, month - 1, day) / 1000 / DAY
}

export function dateText(day: number): string {
  return new Date(day * DAY * 1000).toISOString().slice(0, 10)
}

/** `20240310`, `2024-03-10` or `3/10/2024` (also two-digit years, as spreadsheets save them) to days since 1970, else NaN. */
export function parseDay(text: string): number {
  const iso = /^\s*(\d{4})-?(\d{2})-?(\d{2})\s*$/.exec(text)
  if (iso) return dayNumber(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const us = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})\s*$/.exec(text)
  if (us) return dayNumber(Number(us[3]) + (us[3]?.length === 2 ? 2000 : 0), Number(us[1]), Number(us[2]))
  return Number.NaN
}

export interface Stamp {
  /** Wall clock as printed, seconds. */
  readonly wall: number
  /** Printed offset in minutes; null when none is printed. */
  readonly offset: number | null
}

const US =
  /^(\d{1,2}\/\d{1,2}\/(?:\d{4}|\d{2}))(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?)?$/
const ISO = /^(\d{4}[-/]\d{2}[-/]\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Date-time texts as the ISOs and their users write them: `M/D/YYYY h:mm:ss AM`, `MM/DD/YYYY HH:MM[:SS]`,
 * `YYYY-MM-DD[T ]HH:mm[:ss][Z|+hh:mm]`, a bare date for midnight, `24:00` for the end of the day. Null if it is none of these.
 */
export function parseStamp(source: string): Stamp | null {
  const text = source.trim()
  const us = US.exec(text)
  const match = us ?? ISO.exec(text)
  if (!match) return null
  const day = parseDay((match[1] as string).replace(/^(\d{4})\/(\d\d)\/(\d\d)$/, '$1-$2-$3'))
  let hour = Number(match[2] ?? 0)
  const minute = Number(match[3] ?? 0)
  const second = Number(match[4] ?? 0)
  if (us?.[5]) {
    if (hour < 1 || hour > 12) return null
    hour = (hour % 12) + (us[5].toLowerCase() === 'p' ? 12 : 0)
  }
  if (Number.isNaN(day) || hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) return null
  const zone = us ? undefined : match[5]
  const offset = zone === undefined ? null : zone === 'Z' ? 0 : offsetMinutes(zone)
  return { wall: day * DAY + hour * HOUR + minute * 60 + second, offset }
}

function offsetMinutes(text: string): number {
  const digits = text.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))
  return digits[0] === '-' ? -minutes : minutes
}
