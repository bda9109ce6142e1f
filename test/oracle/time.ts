/** Clocks of the oracle, from hand-written rule tables. Instants are milliseconds since 1970 UTC; a wall clock is the same number read as if it were UTC. */

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Minutes by which the wall clock is ahead of UTC. */
export type Clock = (instant: number) => number

/** MISO: EST on every day of the year. */
export const estAllYear: Clock = () => -300

/** The n-th Sunday of a month (n from 1), or the last one (n = -1), as UTC midnight. */
function sunday(year: number, month: number, n: number): number {
  const days: number[] = []
  for (let day = Date.UTC(year, month - 1, 1); new Date(day).getUTCMonth() === month - 1; day += DAY)
    if (new Date(day).getUTCDay() === 0) days.push(day)
  return days.at(n > 0 ? n - 1 : n)!
}

/** America/New_York: change at 02:00 local; second Sunday of March to first of November since 2007, before that (from 1987) first of April to last of October. */
export const eastern: Clock = instant => {
  const year = new Date(instant - 5 * HOUR).getUTCFullYear()
  const spring = (year >= 2007 ? sunday(year, 3, 2) : sunday(year, 4, 1)) + 7 * HOUR
  const autumn = (year >= 2007 ? sunday(year, 11, 1) : sunday(year, 10, -1)) + 6 * HOUR
  return instant >= spring && instant < autumn ? -240 : -300
}

/** All instants at which the clock shows this wall time: none in the spring gap, two in the autumn hour, daylight time first. */
export function instantsOf(wall: number, clock: Clock): number[] {
  return [-240, -300]
    .map(offset => ({ offset, at: wall - offset * MINUTE }))
    .filter(({ offset, at }) => clock(at) === offset)
    .map(({ at }) => at)
}

/** Row order of one series tells the two passes of the repeated hour apart: once the wall clock steps back, it is standard time. */
export class RowOrderClock {
  private readonly seen = new Map<string, { last: number; fellBack: boolean }>()
  constructor(private readonly clock: Clock) {}

  /** The instant of this wall time, or undefined when it does not exist. */
  next(series: string, wall: number): number | undefined {
    const state = this.seen.get(series) ?? { last: Number.NEGATIVE_INFINITY, fellBack: false }
    if (wall <= state.last) state.fellBack = true
    state.last = wall
    this.seen.set(series, state)
    const instants = instantsOf(wall, this.clock)
    return instants.length === 2 ? instants[state.fellBack ? 1 : 0] : instants[0]
  }
}

const TWO_DIGIT_YEARS = 2000

/** Wall clock of a published stamp: `M/D/YYYY h:mm[:ss] [AM|PM]`, `MM/DD/YYYY`, `YYYY-MM-DD[T ]HH:mm[:ss[.fff]]`; `zone` is a trailing Z or offset in minutes. */
export function parseStamp(text: string): { wall: number; zone: number | undefined } | undefined {
  const us =
    /^\s*(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AP]M)?)?\s*$/i.exec(text)
  if (us) {
    const [, month, day, year, hour = '0', minute = '0', second = '0', half] = us
    const fullYear = Number(year) + (year!.length === 2 ? TWO_DIGIT_YEARS : 0)
    const hours = half ? (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0) : Number(hour)
    return wallOf(fullYear, Number(month), Number(day), hours, Number(minute), Number(second), undefined)
  }
  const iso = /^\s*(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?\s*$/.exec(text)
  if (!iso) return undefined
  const [, year, month, day, hour, minute, second = '0', zone] = iso
  let offset: number | undefined
  if (zone === 'Z') offset = 0
  else if (zone) offset = (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)))
  return wallOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second), offset)
}

function wallOf(y: number, mo: number, d: number, h: number, mi: number, s: number, zone: number | undefined) {
  const wall = Date.UTC(y, mo - 1, d, h, mi, s)
  const back = new Date(wall)
  const real = back.getUTCFullYear() === y && back.getUTCMonth() === mo - 1 && back.getUTCDate() === d
  return real && h < 24 && mi < 60 && s < 60 ? { wall, zone } : undefined
}

const isoSeconds = (ms: number) => new Date(ms).toISOString().slice(0, 19)

/** The time columns of SCHEMA.md section 2 for one interval. */
export function timeColumns(start: number, end: number, minutes: number, clock: Clock) {
  const offset = clock(start)
  const wall = start + offset * MINUTE
  const wallMidnight = Math.floor(wall / DAY) * DAY
  const midnight = instantsOf(wallMidnight, clock)[0]!
  return {
    interval_start_utc: `${isoSeconds(start)}Z`,
    interval_end_utc: `${isoSeconds(end)}Z`,
    interval_start_local: isoSeconds(wall),
    utc_offset_minutes: offset,
    delivery_date: isoSeconds(wallMidnight).slice(0, 10),
    delivery_hour: Math.floor((start - midnight) / HOUR) + 1,
    delivery_interval: Math.floor(((start - midnight) % HOUR) / (minutes * MINUTE)) + 1,
    interval_minutes: minutes,
  }
}
