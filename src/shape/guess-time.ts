/** Which columns of an unknown table say when, and how: by their names and by what stands in them. */
import { parseDay, parseStamp, type Stamp } from './clock.js'
import { edgeOf, saysHour, saysInterval, saysPublished, saysRepeated, saysTime, saysUtc } from './header-words.js'

export interface Column {
  readonly name: string
  readonly at: number
  /** What the first records have there, trimmed; empty ones are left out. */
  readonly cells: readonly string[]
}

export interface TimeGuess {
  /**
   * `stamp`: one column with date and time; `date and hour`: two or more; `date`: hours stand across, or there are none; `above`: the
   * day stands in the name or above the header; `unread`: named like a time, in a form that nothing here reads.
   */
  readonly form: 'stamp' | 'date and hour' | 'date' | 'above' | 'unread'
  /** The stamp, or date and hour. */
  readonly columns: readonly string[]
  /** Number of the interval within the hour, and the mark of a repeated hour. */
  readonly interval?: string
  readonly repeated?: string
  /** `offset` is printed with each stamp; `local` is what is left when nothing says otherwise. */
  readonly clock: 'UTC' | 'offset' | 'local'
  readonly edge: 'start' | 'end' | 'unknown'
  readonly minutes: 5 | 15 | 60 | null
  /** A text as it stands there. */
  readonly example: string
}

const most = (column: Column, test: (cell: string) => boolean): boolean =>
  column.cells.length > 0 && column.cells.filter(test).length * 2 > column.cells.length

const hasTime = (text: string): boolean => /\d:\d/.test(text)
const isHour = (text: string): boolean => /^(HE ?)?\d{1,2}(:00){0,2}\s*[X*]?$/i.test(text)

/** @param across hours stand across, so that a date is all that a record needs */
export function guessTime(columns: readonly Column[], across: boolean): TimeGuess | null {
  const own = columns.filter(each => !saysPublished(each.name))
  const repeated = own.find(each => saysRepeated(each.name))
  const marks = repeated ? { repeated: repeated.name } : {}
  const [stamp] = own
    .filter(each => most(each, cell => hasTime(cell) && parseStamp(cell) !== null))
    .sort((a, b) => worth(b) - worth(a))
  const date = own.find(each => most(each, cell => !Number.isNaN(dayOf(cell))))
  const hour = own.find(each => each !== stamp && saysHour(each.name) && most(each, isHour))
  // A date that was saved as a stamp stands at midnight in each record, with the hour beside it.
  const midnight =
    stamp && meaning(stamp).clock === 'local' && most(stamp, cell => /\b(0?0:00|12:00(:00)? AM)\b/i.test(cell))
  const day = date ?? (midnight ? stamp : undefined)
  if (day && across)
    return { form: 'date', columns: [day.name], clock: 'local', edge: 'end', minutes: 60, ...shown(day) }
  if (day && hour && (!stamp || midnight)) {
    const interval = own.find(each => saysInterval(each.name) && most(each, cell => /^\d{1,2}$/.test(cell)))
    return {
      form: 'date and hour',
      columns: [day.name, hour.name],
      ...(interval ? { interval: interval.name } : {}),
      ...marks,
      clock: 'local',
      edge: edgeOf(hour.name),
      minutes: interval ? (most(interval, cell => Number(cell) <= 4) ? 15 : 5) : 60,
      ...shown(hour),
    }
  }
  if (stamp) return { form: 'stamp', columns: [stamp.name], ...marks, ...meaning(stamp), ...shown(stamp) }
  if (date)
    return { form: 'date', columns: [date.name], clock: 'local', edge: 'unknown', minutes: null, ...shown(date) }
  if (across) return { form: 'above', columns: [], clock: 'local', edge: 'end', minutes: 60, example: '' }
  const named = own.find(
    each => saysTime(each.name) && most(each, cell => /\d/.test(cell) && !/^-?\d*\.\d+$/.test(cell)),
  )
  if (!named) return null
  return { form: 'unread', columns: [named.name], ...marks, ...meaning(named), ...shown(named) }
}

function worth(column: Column): number {
  const { clock, edge } = meaning(column)
  return { UTC: 8, offset: 4, local: 0 }[clock] + { start: 2, end: 1, unknown: 0 }[edge]
}

function meaning(column: Column): Pick<TimeGuess, 'clock' | 'edge' | 'minutes'> {
  const stamps = column.cells.map(cell => parseStamp(cell)).filter(stamp => stamp !== null)
  const offsets = stamps.filter(stamp => stamp.offset !== null)
  const zero = offsets.length > 0 && offsets.every(stamp => stamp.offset === 0)
  const clock = saysUtc(column.name) || zero ? 'UTC' : offsets.length > 0 ? 'offset' : 'local'
  return { clock, edge: edgeOf(column.name), minutes: minutesOf(stamps) }
}

/** The shortest step between two stamps that differ. */
function minutesOf(stamps: readonly Stamp[]): TimeGuess['minutes'] {
  const walls = [...new Set(stamps.map(stamp => stamp.wall))].sort((a, b) => a - b)
  const steps = walls.slice(1).map((wall, at) => (wall - (walls[at] as number)) / 60)
  const step = Math.min(...steps)
  if (!Number.isFinite(step)) return null
  return step <= 7 ? 5 : step <= 20 ? 15 : 60
}

function dayOf(text: string): number {
  const day = parseDay(text)
  if (!Number.isNaN(day)) return day
  return hasTime(text) ? Number.NaN : (parseStamp(text)?.wall ?? Number.NaN)
}

const shown = ({ cells }: Column): { example: string } => ({ example: cells[0] ?? '' })
